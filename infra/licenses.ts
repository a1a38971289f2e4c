import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunctions } from './build.ts';

const folder = mkdtempSync(join(tmpdir(), 'feishu-import-licenses-'));
try {
  for (const { name, version, license } of await bundleFunctions(folder)) {
    console.log(`${license.padEnd(12)}${name} ${version}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

import { cpSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const left = ['node_modules', '.git'];

/** A copy of the working tree to break, since nobody can promise to mend the tree itself. */
export function scratchCopy(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(realpathSync(tmpdir()), 'mutants-'));
  for (const name of readdirSync('.')) {
    if (!left.includes(name)) cpSync(name, join(path, name), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(path, 'node_modules'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

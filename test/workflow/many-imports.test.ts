import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const imports = 500;
const seed = process.env.SEED ?? String(Date.now());

test(`${imports} imports at once all end as scripted (SEED=${seed})`, async () => {
  // V8 puts off collecting garbage for as long as the machine has memory; with this limit, what is
  // measured is about what is needed
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    '--max-old-space-size=256',
    '--unhandled-rejections=strict',
    'test/workflow/many-imports.ts',
    String(imports),
    seed,
  ]);

  const { different, wrong, megabytes } = JSON.parse(stdout);
  expect(wrong).toEqual([]);
  expect(different).toBe(imports);
  expect(megabytes).toBeLessThan(400);
  expect(stderr).toBe('');
}, 60_000);

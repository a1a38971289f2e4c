import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { secretsFromFile } from '../../functions/credentials/profiles-file.ts';
import { ConfigError } from '../../functions/settings.ts';

const content = { default: { kind: 'custom', app_secret: 'RECOGNISABLE' }, 'apps/cli_store': {} };

function pathOfFile(text?: string, mode = 0o600): string {
  const folder = mkdtempSync(join(tmpdir(), 'profiles-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'profiles.json');
  if (text !== undefined) {
    writeFileSync(path, text);
    // whatever the umask
    chmodSync(path, mode);
  }
  return path;
}

const open = (mode?: number) => secretsFromFile(pathOfFile(JSON.stringify(content), mode));

test.for([
  ['default', content.default],
  ['apps/cli_store', {}],
] as const)('reads what the secret %s would hold', async ([name, held]) => {
  expect(await open()(name, 0)).toEqual({ kind: 'secret', text: JSON.stringify(held) });
});

test.for(['finance', 'toString', '__proto__', ''])('says that there is no "%s"', async (name) => {
  expect(await open()(name, 0)).toEqual({
    kind: 'no_profile',
    reason: `there is no "${name}" in the file of profiles`,
    reasonZh: expect.stringContaining(`"${name}"`),
  });
});

test.for([0o600, 0o400, 0o700])('takes a file that nobody else may read (%o)', (mode) => {
  expect(() => open(mode)).not.toThrow();
});

// Windows has no such bits
test.for(process.platform === 'win32' ? [] : [0o644, 0o640, 0o604, 0o620, 0o666])(
  'refuses a file that others may use, and tells the remedy (%o)',
  (mode) => {
    const path = pathOfFile(JSON.stringify(content), mode);

    expect(() => secretsFromFile(path)).toThrow(
      new ConfigError(
        `FEISHU_PROFILES_FILE ${path} can be read by others than you: run chmod 600 ${path}`,
      ),
    );
  },
);

test('refuses a file that is not there', () => {
  const path = pathOfFile();

  expect(() => secretsFromFile(path)).toThrow(
    new ConfigError(`FEISHU_PROFILES_FILE ${path} does not exist`),
  );
});

test.for(['RECOGNISABLE', '', '["RECOGNISABLE"]', 'null', '"RECOGNISABLE"'])(
  'refuses a file that holds %s, and shows nothing of it',
  (text) => {
    expect(() => secretsFromFile(pathOfFile(text))).toThrow(
      expect.objectContaining({
        name: 'ConfigError',
        message: expect.stringMatching(/^(?!.*RECOGNISABLE).* must hold a JSON object of profiles/),
      }),
    );
  },
);

test('sees what was changed since', async () => {
  const path = pathOfFile('{}');
  const readSecret = secretsFromFile(path);
  expect(await readSecret('default', 0)).toMatchObject({ kind: 'no_profile' });

  writeFileSync(path, JSON.stringify(content));

  expect(await readSecret('default', 0)).toMatchObject({ kind: 'secret' });
});

test('says of a file that was broken since what it must hold', async () => {
  const path = pathOfFile('{}');
  const readSecret = secretsFromFile(path);

  writeFileSync(path, '{"default": RECOGNISABLE');

  expect(await readSecret('default', 0)).toMatchObject({
    kind: 'no_profile',
    reason: expect.stringContaining('must hold a JSON object of profiles'),
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';

/** `npm start` without npm; tells what it has written as soon as that fits, or once it has ended. */
async function start(settings: Record<string, string>, until = /^$/) {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, ['infra/local/start.ts'], { env: { PATH, ...settings } });
  let written = '';
  const fits = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        written += chunk;
        if (until.test(written)) resolve();
      });
    }
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  await Promise.race([fits, ended]);
  return { written, child, ended };
}

test('serves the API until it is stopped, and says whom it asks', async () => {
  const { written, child, ended } = await start({ PORT: '0' }, /curl .+\n.+curl .+\n/);
  const [, url] = /API listens on (\S+)/.exec(written) ?? [];

  const response = await fetch(`${url}/imports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"ticket":"7369583175086912356"}',
  });
  child.kill('SIGTERM');

  expect(written).toContain('simulated Feishu');
  expect(written).toContain('in memory only');
  expect(response.status).toBe(202);
  expect(await ended).toBe(0);
});

test('asks the Feishu that it is told to where it has credentials', async () => {
  const settings = {
    PORT: '0',
    FEISHU_APP_ID: 'cli_1',
    FEISHU_APP_SECRET: 'hush-hush',
    FEISHU_BASE_URL: 'http://127.0.0.1:9',
  };
  const { written, child, ended } = await start(settings, /curl .+\n.+curl/);
  child.kill('SIGTERM');

  expect(written).toContain('Asking Feishu at http://127.0.0.1:9 as the app cli_1');
  expect(written).not.toContain('hush-hush');
  expect(await ended).toBe(0);
});

test('says which port is in use, and what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;

  const { written, ended } = await start({ PORT: String(port) });

  expect(await ended).toBe(1);
  expect(written).toContain(`${port}. Set PORT to a port that is free`);
  other.close();
});

test('names every setting that it cannot understand, and starts nothing', async () => {
  const { written, ended } = await start({
    FEISHU_BASE_URL: 'http://feishu.example',
    FEISHU_TIMEOUT_MS: '5s',
    FEISHU_APP_ID: 'cli_1',
  });

  expect(await ended).toBe(1);
  expect(written).toMatch(/FEISHU_BASE_URL must be an https URL/);
  expect(written).toMatch(/FEISHU_TIMEOUT_MS must be a whole number from 100 to 30000, not "5s"/);
  expect(written).not.toContain('at ');
});

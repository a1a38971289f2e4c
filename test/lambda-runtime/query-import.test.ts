import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bundleFunctions } from '../../infra/build.ts';
import { demoApp, startFeishuSimulator } from '../../infra/local/feishu-simulator.ts';
import { runInLambda } from './runtime-api.ts';

const folder = await mkdtemp(join(tmpdir(), 'lambda-'));
await bundleFunctions(folder, ['query-import']);
const simulator = await startFeishuSimulator();
afterAll(() => Promise.all([simulator.close(), rm(folder, { recursive: true })]));

const query = (ticket: string) =>
  runInLambda(
    {
      folder,
      handler: 'query-import.handler',
      settings: {
        FEISHU_BASE_URL: simulator.url,
        METRIC_NAMESPACE: 'FeishuImport/dev',
        FEISHU_APP_ID: demoApp.appId,
        FEISHU_APP_SECRET: demoApp.appSecret,
      },
    },
    {
      execution_id: 'arn:execution:import:default_a_1',
      started_at: new Date().toISOString(),
      input: { ticket },
      state: {},
    },
  );

test('in the runtime of AWS a query logs one line of its own, and counts in another that CloudWatch can read', async () => {
  simulator.script('a', { replies: [{ result: { job_status: 100 } }] });

  const { answer, written } = await query('a');

  expect(answer).toMatchObject({ outcome: 'failed', error: 'Import.FileEncrypted' });
  const lines = written.map((line) => JSON.parse(line));
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatchObject({
    level: 'INFO',
    requestId: 'request-1',
    message: { message: 'query', ticket: 'a', job_status: 100, log_id: expect.any(String) },
  });
  expect(lines[1]).toMatchObject({
    _aws: { CloudWatchMetrics: [{ Namespace: 'FeishuImport/dev' }] },
    error: 'Import.FileEncrypted',
    Imports: 1,
  });
});

test('writes no secret', async () => {
  simulator.script('b', { replies: [{ error: { code: 99991663 } }] });

  const { written } = await query('b');

  expect(written.join()).toContain('Feishu.TokenRejected');
  for (const secret of [demoApp.appSecret, ...simulator.issuedTokens]) {
    expect(written.join()).not.toContain(secret);
  }
});

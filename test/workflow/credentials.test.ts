import { expect, test } from 'vitest';
import { startFeishuSimulator } from '../../infra/local/feishu-simulator.ts';
import { startLocalWorkflow } from '../../infra/local/local-workflow.ts';
import { finishedImport } from './api-client.ts';

const app = { appId: 'cli_1', appSecret: 'secret-1' };

async function endWith(asked: { appId: string; appSecret: string } | undefined, body = {}) {
  await using simulator = await startFeishuSimulator({ apps: [app] });
  const feishu = { baseUrl: simulator.url, timeoutMs: 1000, outageSeconds: 60, app: asked };
  await using workflow = await startLocalWorkflow({ feishu, timeLapse: 1000 });
  return await finishedImport(workflow, { ticket: '7369583175086912356', ...body });
}

test.for([
  ['an app that there is not', { ...app, appId: 'cli_2' }, 10003],
  ['a wrong secret', { ...app, appSecret: 'secret-2' }, 10014],
] as const)('%s ends as Feishu.CredentialsRejected', async ([, asked, code]) => {
  expect(await endWith(asked)).toMatchObject({
    status: 'failed',
    error: {
      name: 'Feishu.CredentialsRejected',
      retryable: false,
      reimport: false,
      code,
      queries: 1,
    },
  });
});

test('10015 of the token endpoint ends as Feishu.CredentialsRejected', async () => {
  await using simulator = await startFeishuSimulator({ apps: [app] });
  simulator.scriptTokenEndpoint([{ error: { code: 10015 } }]);
  const feishu = { baseUrl: simulator.url, timeoutMs: 1000, outageSeconds: 60, app };
  await using workflow = await startLocalWorkflow({ feishu, timeLapse: 1000 });

  expect(await finishedImport(workflow, { ticket: 'a' })).toMatchObject({
    error: { name: 'Feishu.CredentialsRejected', code: 10015 },
  });
});

test('no credentials at all end as Profile.Unknown', async () => {
  const { error } = await endWith(undefined);

  expect(error).toMatchObject({ name: 'Profile.Unknown', retryable: false, reimport: false });
  expect(error?.message).toContain('FEISHU_APP_ID and FEISHU_APP_SECRET are not set');
});

test('a profile that there is not ends as Profile.Unknown, also where no query is due yet', async () => {
  const resource = await endWith(app, { profile: 'finance', expected_seconds: 86_400 });

  expect(resource).toMatchObject({
    profile: 'finance',
    elapsed_seconds: 3,
    error: { name: 'Profile.Unknown' },
  });
});

import { expect, test } from 'vitest';
import { askedLabel } from '../../functions/credentials/app-ticket-requests.ts';
import { document } from '../test-workflow.ts';
import { finishedImport } from './api-client.ts';
import {
  startWorkflowWithSecrets,
  storeApp,
  type WorkflowWithSecrets,
} from './workflow-with-secrets.ts';

const ticket = '7369583175086912356';

/** Once the import has had its first answer, Feishu refuses whatever token it gave before. */
async function startInterrupted(
  options: {
    userTokenSeconds?: number;
    meanwhile?: (self: WorkflowWithSecrets) => Promise<unknown>;
  } = {},
) {
  const { meanwhile, ...feishu } = options;
  let interruption: Promise<unknown> | undefined;
  const started: WorkflowWithSecrets = await startWorkflowWithSecrets({
    feishu,
    observe({ answer }) {
      if (answer?.kind !== 'result' || interruption) return;
      started.simulator.expireTokens();
      interruption = Promise.resolve(meanwhile?.(started));
    },
    beforeRead: () => interruption,
  });
  started.simulator.script(ticket, {
    replies: [
      { result: { job_status: 1 } },
      { result: { job_status: 2 } },
      { result: { job_status: 0, ...document } },
    ],
  });
  return started;
}

/** How many tokens the queries were made with. */
function tokensUsed({ requests }: WorkflowWithSecrets['simulator']): number {
  const queries = requests.filter(({ path }) => path.includes('/import_tasks/'));
  return new Set(queries.map(({ headers }) => headers.authorization)).size;
}

test('imports as a custom app with only its secret stored, through a refused token', async () => {
  const { simulator, manager, workflow, storeCustomApp } = await startInterrupted();
  await storeCustomApp('custom');

  const resource = await finishedImport(workflow, { ticket, profile: 'custom' });

  expect(resource).toMatchObject({ status: 'succeeded', complete: true, document });
  expect(tokensUsed(simulator)).toBe(2);
  expect(manager.reads('feishu/custom')).toBe(2);
});

test('imports as a store app, whose app_ticket is asked for first, through a refused token', async () => {
  const { simulator, manager, workflow, storeTenant } = await startInterrupted();
  await storeTenant('tenant');
  expect(await simulator.checkEventUrl(storeApp.appId)).toMatchObject({ status: 200 });

  const resource = await finishedImport(workflow, { ticket, profile: 'tenant' });

  expect(resource).toMatchObject({ status: 'succeeded', complete: true, document });
  expect(simulator.resends(storeApp.appId)).toBe(1);
  // where every other process sees it
  const { VersionIdsToStages = {} } = await manager.store.DescribeSecret({
    SecretId: `feishu/apps/${storeApp.appId}`,
  });
  expect(Object.values(VersionIdsToStages).flat()).toContain(askedLabel);
  expect(tokensUsed(simulator)).toBe(2);
});

test('imports as a user, through a refused token that was renewed meanwhile', async () => {
  const { simulator, workflow, storeUser } = await startInterrupted({
    // with less than an hour left from the beginning
    userTokenSeconds: 3000,
    meanwhile: async ({ renew }) =>
      expect(await renew()).toMatchObject({ renewing: ['jane'], failed: [] }),
  });
  await storeUser('jane');

  const resource = await finishedImport(workflow, { ticket, profile: 'jane' });

  expect(resource).toMatchObject({ status: 'succeeded', complete: true, document });
  expect(tokensUsed(simulator)).toBe(2);
  expect(simulator.refreshUses).toMatchObject([{ outcome: 'renewed', alreadyUsed: false }]);
});

import { inspect } from 'node:util';
import { DescribeExecutionCommand, paginateGetExecutionHistory } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { observeInAws } from '../../functions/observation.ts';
import { type Reply, startFeishuSimulator } from '../../infra/local/feishu-simulator.ts';
import { type LocalWorkflow, startLocalWorkflow } from '../../infra/local/local-workflow.ts';
import { localClient } from '../../infra/local/step-functions/client.ts';
import { finishedImport } from './api-client.ts';
import {
  startWorkflowWithSecrets,
  storeApp,
  type WorkflowWithSecrets,
} from './workflow-with-secrets.ts';

const app = { appId: 'cli_recognisable', appSecret: 'RECOGNISABLE-app-secret-7c1f' };

/** Everything that Feishu may say, with a token in it where an error might echo one. */
function replies(token: string): Record<string, Reply[]> {
  const done = { result: { job_status: 0, token: 'Fm7o', url: 'https://example.feishu.cn/' } };
  return {
    succeeds: [{ result: { job_status: 1 } }, done],
    'fails-with-echo': [{ result: { job_status: 3, job_error_msg: `Bearer ${token} was used` } }],
    'refused-with-echo': [{ error: { code: 1069902, msg: `no permission for ${token}` } }],
    'refused-token': [{ error: { code: 99991663, msg: `invalid ${token}` } }],
    'html-with-echo': [{ raw: { http: 403, body: `<p>${token}</p>`, contentType: 'text/html' } }],
    outage: [{ fault: 'drop' }],
    unreadable: [{ raw: { http: 200, body: `{"${token}"`, contentType: 'application/json' } }],
    'notice-with-echo': [{ result: { ...done.result, extra: [token] } }],
  };
}

test('no secret is in an input, output, history, Cause, log line or answer', async () => {
  await using simulator = await startFeishuSimulator({ apps: [app] });
  const written = captureOutput();
  const feishu = { baseUrl: simulator.url, timeoutMs: 500, outageSeconds: 30 };
  const workflow = await startLocalWorkflow({ feishu: { ...feishu, app }, timeLapse: 1000 });
  const wrong = { ...app, appSecret: `${app.appSecret}-wrong` };
  const misled = await startLocalWorkflow({ feishu: { ...feishu, app: wrong }, timeLapse: 1000 });
  try {
    await finishedImport(workflow, { ticket: 'unknown' });
    const token = simulator.issuedTokens[0] ?? '';
    const scripts = Object.entries(replies(token));
    for (const [ticket, script] of scripts) simulator.script(ticket, { replies: script });

    const seen: string[] = [];
    for (const [ticket] of scripts) seen.push(...(await everythingOf(workflow, ticket)));
    simulator.expireTokens();
    seen.push(...(await everythingOf(workflow, 'unknown-too')));
    simulator.scriptTokenEndpoint([
      { error: { code: 10014, msg: `app secret invalid: ${wrong.appSecret}` } },
    ]);
    seen.push(...(await everythingOf(misled, 'wrong-secret')));

    console.error('a line in the log');
    const secrets = [app.appSecret, ...simulator.issuedTokens];
    expect(secrets.length).toBeGreaterThan(2);
    expect(seen.join('\n')).toContain('[secret]');
    for (const secret of secrets) {
      expect(seen.filter((text) => text.includes(secret))).toEqual([]);
      expect(written.filter((text) => text.includes(secret))).toEqual([]);
    }
    expect(written.join()).toContain('a line in the log');
    // the requests did carry them, so the search would have found them
    expect(JSON.stringify(simulator.requests)).toContain(app.appSecret);
  } finally {
    written.stop();
    await workflow.close();
    await misled.close();
  }
});

test('no secret of a store app or a user is in any of them, nor in what renews and keeps secrets', async () => {
  const written = captureOutput();
  const { simulator, manager, workflow, ...started } = await startWorkflowWithSecrets({
    feishu: { userTokenSeconds: 1100 },
    observe: observeInAws('FeishuImport'),
    log: (entry) => console.info(entry),
  });
  const seen: string[] = [];
  try {
    await started.storeTenant('tenant');
    await started.storeUser('jane');
    const [userToken = ''] = simulator.issuedTokens;
    const seeAs = async (profile: string, ticket: string, replies: Reply[]) => {
      simulator.script(ticket, { replies });
      seen.push(...(await everythingOf(workflow, ticket, profile)));
    };

    await seeAs('tenant', 'tenant-1', [{ result: { job_status: 100 } }]);
    const tenantToken = simulator.issuedTokens.at(-1) ?? '';
    for (const [ticket, script] of Object.entries(replies(tenantToken))) {
      await seeAs('tenant', `tenant-${ticket}`, script);
    }
    for (const [ticket, script] of Object.entries(replies(userToken))) {
      await seeAs('jane', `user-${ticket}`, script);
    }
    // refused with all the secrets of the request in it
    const echo = `${storeApp.appSecret} ${simulator.newestAppTicket(storeApp.appId)}`;
    simulator.expireTokens();
    simulator.scriptEndpoint('storeAppToken', [{ error: { code: 10014, msg: echo } }]);
    await seeAs('tenant', 'tenant-refused', [{ result: { job_status: 1 } }]);
    simulator.expireAppTickets();
    await seeAs('tenant', 'tenant-pushed-again', [{ result: { job_status: 101 } }]);

    // one is refused with the secret in it and rests, the other renewed, and refused for good then
    await started.storeUser('john');
    const { refresh_token: refreshToken } = await currentSecret(manager, 'feishu/jane');
    simulator.scriptUserTokenEndpoint([{ error: { code: 20074, msg: `no ${refreshToken}` } }]);
    expect(await started.renew()).toMatchObject({ renewing: ['jane', 'john'] });
    simulator.revokeRefreshTokens();
    await started.renew();
    expect((await started.renew()).needing_authorisation).toHaveLength(1);
    seen.push(JSON.stringify(manager.rotations));
  } finally {
    written.stop();
  }

  const secrets = [
    storeApp.appSecret,
    storeApp.encryptKey,
    storeApp.verificationToken,
    ...simulator.issuedTokens,
  ];
  expect(secrets.length).toBeGreaterThan(8);
  expect(seen.join()).toContain('[secret]');
  expect(written.join()).toContain('jane');
  for (const secret of secrets) {
    expect([...seen, ...written].filter((text) => text.includes(secret))).toEqual([]);
  }
});

async function currentSecret({ store }: WorkflowWithSecrets['manager'], name: string) {
  const { SecretString = '' } = await store.GetSecretValue({ SecretId: name });
  return JSON.parse(SecretString);
}

/** The import as the API tells it, its execution, and every event of its history. */
async function everythingOf(
  workflow: LocalWorkflow,
  ticket: string,
  profile = 'default',
): Promise<string[]> {
  const resource = await finishedImport(workflow, { ticket, profile });
  const { stateMachineArn, url } = workflow.stepFunctions;
  const client = localClient(url);
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${resource.id}`;
  const seen = [JSON.stringify(resource)];
  seen.push(JSON.stringify(await client.send(new DescribeExecutionCommand({ executionArn }))));
  for await (const { events } of paginateGetExecutionHistory({ client }, { executionArn })) {
    seen.push(JSON.stringify(events));
  }
  return seen;
}

/** All that the process writes from now on, by the console or past it, until it is stopped. */
function captureOutput(): string[] & { stop(): void } {
  const written: string[] = [];
  const restores: (() => void)[] = [];
  const capture = <Name extends string>(from: Record<Name, unknown>, name: Name) => {
    const original = from[name];
    from[name] = (...words: unknown[]) => written.push(inspect(words, { depth: 10 })) > 0;
    restores.push(() => {
      from[name] = original;
    });
  };
  capture(process.stdout, 'write');
  capture(process.stderr, 'write');
  for (const name of ['debug', 'log', 'info', 'warn', 'error'] as const) capture(console, name);

  const stop = () => {
    for (const restore of restores) restore();
  };
  return Object.assign(written, { stop });
}

import { inspect } from 'node:util';
import { DescribeExecutionCommand, paginateGetExecutionHistory } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { type Reply, startFeishuSimulator } from '../../infra/local/feishu-simulator.ts';
import { type LocalWorkflow, startLocalWorkflow } from '../../infra/local/local-workflow.ts';
import { localClient } from '../../infra/local/step-functions/client.ts';
import { finishedImport } from './api-client.ts';

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

/** The import as the API tells it, its execution, and every event of its history. */
async function everythingOf(workflow: LocalWorkflow, ticket: string): Promise<string[]> {
  const resource = await finishedImport(workflow, { ticket });
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

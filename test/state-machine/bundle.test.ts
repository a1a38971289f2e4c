import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, expect, test } from 'vitest';
import { bundleFunctions } from '../../infra/build.ts';
import { demoApp, startFeishuSimulator } from '../../infra/local/feishu-simulator.ts';
import { localClient } from '../../infra/local/step-functions/client.ts';
import type { LocalFunction } from '../../infra/local/step-functions/lambda.ts';
import { startLocalStepFunctions } from '../../infra/local/step-functions/server.ts';
import { runToEnd } from './run-to-end.ts';
import { inputOf, outageSeconds, scenarios } from './scenarios.ts';

// The main paths through the bundle that is deployed, since minifying could break the name of an
// error. QUERY_IMPORT_BUNDLE names one that is already built.

const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
const bundle = process.env.QUERY_IMPORT_BUNDLE ?? (await buildBundle());
const simulator = await startFeishuSimulator();
const settings = {
  FEISHU_BASE_URL: simulator.url,
  FEISHU_APP_ID: demoApp.appId,
  FEISHU_APP_SECRET: demoApp.appSecret,
  FEISHU_OUTAGE_SECONDS: String(outageSeconds),
};
const built = startBundle(settings);
const misconfigured = startBundle({ ...settings, FEISHU_BASE_URL: 'ftp://example.com' });
let deployed = built;
const engine = await startLocalStepFunctions({
  definition: readFileSync('infra/import.asl.json', 'utf8'),
  functions: { QueryImportFunctionArn: (event, context) => deployed.call(event, context) },
  timeLapse: 2000,
});
const sfn = localClient(engine.url);
afterAll(async () => {
  sfn.destroy();
  await Promise.all([engine.close(), simulator.close(), built.stop(), misconfigured.stop()]);
  rmSync(folder, { recursive: true });
});

async function buildBundle() {
  await bundleFunctions(join(folder, 'dist'), ['query-import']);
  return join(folder, 'dist', 'query-import.mjs');
}

function startBundle(env: Record<string, string>) {
  const worker = new Worker(new URL('bundle-worker.ts', import.meta.url), {
    workerData: { url: pathToFileURL(resolve(bundle)).href },
    env,
    // what it logs is of no interest here
    stdout: true,
  });
  const calls = new Map<number, PromiseWithResolvers<unknown>>();
  const thrown: string[] = [];
  worker.on('message', ({ id, result, thrown: error }) => {
    if (!error) return calls.get(id)?.resolve(result);
    thrown.push(error.name);
    calls.get(id)?.reject(Object.assign(new Error(error.message), { name: error.name }));
  });
  worker.on('error', (error) => {
    for (const call of calls.values()) call.reject(error);
  });

  const call: LocalFunction = (event, context) => {
    const answer = Promise.withResolvers<unknown>();
    const id = calls.size;
    calls.set(id, answer);
    worker.postMessage({ id, event, deadline: Date.now() + context.getRemainingTimeInMillis() });
    return answer.promise;
  };
  return { call, thrown, stop: () => worker.terminate() };
}

const runAs = (name: string, input: string) =>
  runToEnd(sfn, { stateMachineArn: engine.stateMachineArn, name, input });

test.for(scenarios.map((scenario, number) => [scenario.title, scenario, number] as const))(
  'the bundle %s',
  async ([, scenario, number]) => {
    const ticket = `ticket-${number}`;
    simulator.script(ticket, { replies: scenario.replies });
    const ended = await runAs(ticket, inputOf(scenario, ticket));

    expect(ended).toMatchObject(scenario.ends);
    expect(ended.output ?? ended.cause).toMatchObject(scenario.holds ?? {});
  },
);

test('the bundle throws errors by their names, and the import ends with one of ours', async () => {
  deployed = misconfigured;
  const ended = await runAs('misconfigured', '{"ticket":"1"}');

  expect(ended.error).toBe('Internal.Error');
  expect(misconfigured.thrown).toEqual(['ConfigError']);
});

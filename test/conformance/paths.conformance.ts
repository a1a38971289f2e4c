import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { queryDependencies, queryImport } from '../../functions/query-import.ts';
import { demoApp, startFeishuSimulator } from '../../infra/local/feishu-simulator.ts';
import { startLambdaEndpoint } from '../../infra/local/lambda-endpoint.ts';
import { localClient } from '../../infra/local/step-functions/client.ts';
import type { LocalFunction } from '../../infra/local/step-functions/lambda.ts';
import { startLocalStepFunctions } from '../../infra/local/step-functions/server.ts';
import { type Ended, runToEnd } from '../state-machine/run-to-end.ts';
import { inputOf, outageSeconds, scenarios } from '../state-machine/scenarios.ts';
import { differences } from './differences.ts';
import { functionScenarios, type Path } from './function-scenarios.ts';
import { startMoto } from './moto.ts';

// Every path on two engines that share no code, ours and moto's, each with a simulated Feishu and a
// function of its own: what an execution ends with, and the states it goes through, must be the same.

const definition = readFileSync('infra/import.asl.json', 'utf8');
// in moto, an attempt that has overrun the task's timeout goes on beside the next, with the same stack:
// so it must not come back before the next is through
const functionTimeoutMs = 8000;

const paths: (Path & { id: string })[] = [...functionScenarios, ...scenarios].map(
  (path, number) => ({ ...path, id: `path-${number}` }),
);

async function startFeishu() {
  const simulator = await startFeishuSimulator();
  for (const { id, replies } of paths) simulator.script(id, { replies });
  const real = queryImport(
    queryDependencies({ baseUrl: simulator.url, timeoutMs: 1000, outageSeconds, app: demoApp }),
  );
  const functions = paths.map(
    ({ id, breaking }) => [id, breaking ? breaking(real) : real] as const,
  );
  return { functions: Object.fromEntries(functions), close: simulator.close };
}

const ours = await startFeishu();
const theirs = await startFeishu();
const lambda = await startLambdaEndpoint({
  functions: theirs.functions,
  timeoutMs: functionTimeoutMs,
});
const moto = await startMoto(lambda.port);
let equal = 0;
const explained: string[] = [];
afterAll(async () => {
  await moto?.stop();
  await Promise.all([lambda.close(), ours.close(), theirs.close()]);
  if (moto) {
    console.log(
      `${paths.length} paths: ${equal} equal on both engines, ${explained.length} different for a known cause.`,
    );
    for (const title of explained) console.log(`- ${title}: ${differences[title]?.why}`);
  } else {
    console.log(
      'moto_server is not installed, so nothing is compared (pip install "moto[server]").',
    );
  }
});

async function runOnOurs({ id, change = unchanged, stop, ...scenario }: (typeof paths)[number]) {
  const engine = await startLocalStepFunctions({
    definition: change(definition),
    functions: { QueryImportFunctionArn: ours.functions[id] as LocalFunction },
    functionTimeoutMs,
  });
  const sfn = localClient(engine.url);
  try {
    const { stateMachineArn } = engine;
    const request = { stateMachineArn, name: id, input: inputOf(scenario, id) };
    return await runToEnd(sfn, request, { pollMs: 100, stop });
  } finally {
    sfn.destroy();
    await engine.close();
  }
}

async function runOnMoto({ id, change = unchanged, stop, ...scenario }: (typeof paths)[number]) {
  const arn = `arn:aws:lambda:us-east-1:000000000000:function:${id}`;
  const machine = await moto?.createStateMachine(
    change(definition).replace(/\$\{QueryImportFunctionArn\}/, arn),
  );
  if (!machine) throw new Error('moto_server is not installed');
  const { sfn, stateMachineArn } = machine;
  try {
    const request = { stateMachineArn, name: id, input: inputOf(scenario, id) };
    return await runToEnd(sfn, request, { pollMs: 300, stop });
  } finally {
    sfn.destroy();
  }
}

const unchanged = (text: string) => text;

/** Without what two runs never have in common. */
function comparable({ output, cause, ...ended }: Ended) {
  return { ...ended, output: withoutTimes(output), cause: withoutTimes(cause) };
}

function withoutTimes(value: unknown): unknown {
  const volatile = ['elapsed_seconds', 'log_id'];
  const text = JSON.stringify(value ?? null, (key, field) =>
    volatile.includes(key) ? undefined : field,
  );
  return JSON.parse(text.replaceAll(/\d+ (s\b|秒)/g, '… $1'));
}

test.runIf(moto).concurrent.for(paths.map((path) => [path.title, path] as const))(
  'both engines: %s',
  async ([title, path]) => {
    const [one, other] = (await Promise.all([runOnOurs(path), runOnMoto(path)])).map(comparable);

    expect(one).toMatchObject(path.ends ?? {});
    if (isDeepStrictEqual(one, other)) {
      equal += 1;
    } else {
      expect(other).toEqual({ ...one, ...differences[title]?.onMoto });
      explained.push(title);
    }
  },
);

test('explains no path that does not exist', () => {
  const titles = paths.map(({ title }) => title);

  expect(titles).toEqual(expect.arrayContaining(Object.keys(differences)));
  expect(new Set(titles).size).toBe(titles.length);
});

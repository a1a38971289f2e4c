import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { someAtOnce } from '../../functions/some-at-once.ts';
import { startFeishuSimulator } from '../../infra/local/feishu-simulator.ts';
import { type LocalWorkflow, startLocalWorkflow } from '../../infra/local/local-workflow.ts';
import { localClient } from '../../infra/local/step-functions/client.ts';
import { postImport, readImport } from '../workflow/api-client.ts';
import { type ExpectedEnd, judge, Violation } from './referee.ts';
import { appOf, numberIn, type ScriptedImport } from './scripted-import.ts';
import { type Attempt, traceImports } from './trace.ts';

const outageSeconds = 300;
/** Long, so that only who is scripted to be slow takes longer, on a busy machine too. */
const requestTimeoutMs = 4000;
const timedOut = 'no whole answer within';
const mostInFlight = 100;

/** An import that did not end as the model says. */
export type Wrong = { number: number; why: string; expected?: ExpectedEnd; attempts: Attempt[] };

export type BatchResult = {
  wrong: Wrong[];
  queries: number;
  ends: Record<string, number>;
  /** Imports that were judged again, alone, since a timeout may have been this machine's. */
  repeated: number;
};

/**
 * Runs imports, each through its script. On a machine that stands still, peers time out that were not
 * scripted to: an import that ended wrong after a timeout is run again with no others beside it.
 */
export async function runBatch(scripts: ScriptedImport[]): Promise<BatchResult> {
  const result = await runAtOnce(scripts);
  const late = result.wrong.filter(({ attempts }) => JSON.stringify(attempts).includes(timedOut));
  if (late.length === 0 || scripts.length === 1) return result;

  let joined: BatchResult = {
    ...result,
    wrong: result.wrong.filter((one) => !late.includes(one)),
    ends: { ...result.ends, wrong: result.wrong.length - late.length },
    repeated: late.length,
  };
  for (const { number } of late) {
    const again = await runAtOnce(scripts.filter((script) => script.number === number));
    joined = joinedResults([joined, again]);
  }
  return joined;
}

/** What came of all of them. */
export function joinedResults(results: BatchResult[]): BatchResult {
  const ends: Record<string, number> = {};
  for (const [name, count] of results.flatMap((result) => Object.entries(result.ends))) {
    ends[name] = (ends[name] ?? 0) + count;
  }
  const sum = (of: (result: BatchResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  return {
    wrong: results.flatMap(({ wrong }) => wrong),
    queries: sum(({ queries }) => queries),
    ends,
    repeated: sum(({ repeated }) => repeated),
  };
}

/** From the POST to the resource at its end. */
async function runAtOnce(scripts: ScriptedImport[]): Promise<BatchResult> {
  const traces = traceImports(scripts, { deadBaseUrl: await closedPort() });
  const endings = new Map(scripts.map(({ number }) => [number, Promise.withResolvers<string>()]));
  await using simulator = await startFeishuSimulator({
    apps: scripts.map(({ number }) => appOf(number)),
    onRequest: traces.onRequest,
  });
  for (const { number, input, replies, tokenReplies } of scripts) {
    simulator.script(input.ticket, { replies });
    simulator.scriptTokenEndpoint(tokenReplies, appOf(number).appId);
  }
  await using workflow = await startLocalWorkflow({
    feishu: {
      baseUrl: simulator.url,
      allowedBaseUrls: [traces.deadBaseUrl],
      profileSecretPrefix: 'faults/',
      timeoutMs: requestTimeoutMs,
      outageSeconds,
    },
    secrets: { readSecret: traces.readSecret, versions: noVersions },
    now: traces.now,
    lambda: traces.lambda,
    observe: traces.observe,
    functionTimeoutMs: 18_000,
    timeLapse: 100_000,
    onExecutionEnded: ({ executionName }) =>
      endings.get(numberIn(executionName.replace(/_\d+$/, '')))?.resolve(executionName),
  });

  async function judgeImport(script: ScriptedImport): Promise<Wrong | ExpectedEnd> {
    const { number } = script;
    const attempts = traces.attemptsOf(number);
    const wrong = (why: string, expected?: ExpectedEnd): Wrong => ({
      ...{ number, why, attempts },
      ...(expected && { expected }),
    });
    try {
      await startImport(workflow, script).finally(() => traces.started(number));
      const id = await inTime(endings.get(number)?.promise);
      if (id === undefined) return wrong('hangs');
      const resource = await readImport(workflow, id);
      const expected = judge(script, attempts, { outageSeconds });
      const shown = JSON.stringify(resource);
      if (shown.includes(appOf(number).appSecret)) return wrong('tells a secret');
      return difference(resource, expected, wrong) ?? expected;
    } catch (error) {
      if (error instanceof Violation) return wrong(error.message);
      return wrong(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  const judged = await someAtOnce(mostInFlight, scripts, judgeImport);
  return {
    repeated: 0,
    wrong: judged.filter((end): end is Wrong => 'why' in end),
    queries: scripts.reduce((sum, { input }) => sum + simulator.queriesOf(input.ticket), 0),
    ends: countNames(judged),
  };
}

function difference(
  resource: object,
  expected: ExpectedEnd,
  wrong: (why: string, expected: ExpectedEnd) => Wrong,
): Wrong | undefined {
  try {
    assert.partialDeepStrictEqual(resource, expected);
    return undefined;
  } catch {
    return wrong(`ended as ${JSON.stringify(resource)}`, expected);
  }
}

async function startImport(workflow: LocalWorkflow, script: ScriptedImport): Promise<void> {
  const { start, number, input } = script;
  if (start === 'execution') {
    const { url, stateMachineArn } = workflow.stepFunctions;
    const sfn = localClient(url);
    const name = `execution-${number}`;
    const text = JSON.stringify(script.invalidInput);
    await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input: text }));
    sfn.destroy();
    return;
  }
  const posts = start === 'postTwice' ? [input, input] : [input];
  const started = await Promise.all(posts.map((body) => postImport(workflow, body)));
  if (new Set(started.map(({ id }) => id)).size > 1) throw new Violation('was started twice');
}

/** Undefined after three minutes: nothing takes that long here. */
async function inTime<Result>(work: Promise<Result> | undefined): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), 180_000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return `http://127.0.0.1:${port}`;
}

function countNames(judged: readonly (Wrong | ExpectedEnd)[]): Record<string, number> {
  const ends: Record<string, number> = {};
  for (const end of judged) {
    const error = 'error' in end ? (end.error as { name: string }).name : undefined;
    const name = 'why' in end ? 'wrong' : (error ?? 'succeeded');
    ends[name] = (ends[name] ?? 0) + 1;
  }
  return ends;
}

const notUsed = async () => {
  throw new Error('custom apps have nothing to write');
};
const noVersions = { read: notUsed, create: notUsed, stages: notUsed, moveStage: notUsed };

import { AsyncLocalStorage } from 'node:async_hooks';
import type { QueryResult } from '../../functions/contract/query-step.ts';
import type { ReadSecret } from '../../functions/credentials/secret-store.ts';
import type { Observation } from '../../functions/observation.ts';
import type { RecordedRequest } from '../../infra/local/feishu-simulator.ts';
import type { LocalFunction } from '../../infra/local/step-functions/lambda.ts';
import { appOf, type LambdaFault, numberIn, type ScriptedImport } from './scripted-import.ts';

/** What the function asked others for. */
export type Asked = 'secret' | 'token' | 'query';

/** The function called once; the time is the execution's, by the function's clock. */
export type Run = {
  clockSeconds: number;
  asked: Asked[];
  result?: QueryResult;
  answer?: object | undefined;
};

/** What the state machine sees of it. */
export type Attempt = {
  /** Put forward so far that no time was left for a further request. */
  jumpedAhead: boolean;
  runs: Run[];
  kept: QueryResult | undefined;
  /** Lambda's error instead. */
  error: string | undefined;
};

export type TracedImport = {
  script: ScriptedImport;
  /** Whoever starts it has heard of it: until then the function is held back. */
  started: PromiseWithResolvers<void>;
  attempts: Attempt[];
  clockOffsetMs: number;
};

type Options = { deadBaseUrl: string };

/** Does to each import what its script says, and keeps what came to pass. */
export function traceImports(scripts: ScriptedImport[], { deadBaseUrl }: Options) {
  const imports = new Map<number, TracedImport>(
    scripts.map((script) => [
      script.number,
      { script, started: Promise.withResolvers(), attempts: [], clockOffsetMs: 0 },
    ]),
  );
  const current = new AsyncLocalStorage<TracedImport>();
  const storeReads = new Map<number, number>();

  function find(number: number): TracedImport {
    const traced = imports.get(number);
    if (!traced) throw new Error(`there is no import ${number}`);
    return traced;
  }

  function noteAsked(number: number, asked: Asked): void {
    const traced = find(number);
    const attempt = traced.attempts.at(-1);
    attempt?.runs.at(-1)?.asked.push(asked);
    const jumpSeconds =
      traced.script.attempts[traced.attempts.length - 1]?.clockJumpWhenAskedSeconds;
    const isFirst = attempt?.runs.flatMap((run) => run.asked).length === 1;
    if (!attempt || !jumpSeconds || !isFirst) return;
    traced.clockOffsetMs += jumpSeconds * 1000;
    attempt.jumpedAhead = jumpSeconds > 0;
  }

  const readSecret: ReadSecret = async (name) => {
    const number = numberIn(name);
    const { profile } = find(number).script;
    const reads = (storeReads.get(number) ?? 0) + 1;
    storeReads.set(number, reads);
    noteAsked(number, 'secret');
    await new Promise(setImmediate);
    switch (profile.kind) {
      case 'missing':
        return { kind: 'no_profile', reason: `the secret ${name} does not exist` };
      case 'malformed':
        return { kind: 'secret', text: profile.text };
      case 'unreachable':
        return { kind: 'secret', text: customSecret(number, { base_url: deadBaseUrl }) };
      case 'custom':
        return reads <= profile.storeFailures
          ? { kind: 'no_answer', reason: 'the secret could not be read (ThrottlingException)' }
          : { kind: 'secret', text: customSecret(number) };
    }
  };

  function onRequest({ path, body }: RecordedRequest): void {
    if (path.includes('/import_tasks/')) noteAsked(numberIn(path), 'query');
    else noteAsked(numberIn(JSON.parse(body).app_id), 'token');
  }

  function lambda(start: () => LocalFunction): LocalFunction {
    let warm = start();

    return async (event, context) => {
      const { execution_id, started_at } = event as { execution_id: string; started_at: string };
      // {profile}_{ticket}_{run}, or a name of ours
      const traced = find(numberIn(execution_id.replace(/_\d+$/, '')));
      await traced.started.promise;
      const { fault, clockJumpSeconds = 0 } = traced.script.attempts[traced.attempts.length] ?? {};
      traced.clockOffsetMs += clockJumpSeconds * 1000;
      const attempt: Attempt = {
        jumpedAhead: false,
        runs: [],
        kept: undefined,
        error: undefined,
      };
      traced.attempts.push(attempt);

      const run = async (): Promise<QueryResult> => {
        const clockMs = Date.now() + traced.clockOffsetMs - Date.parse(started_at);
        const run: Run = { clockSeconds: clockMs / 1000, asked: [] };
        attempt.runs.push(run);
        const result = (await current.run(traced, () => warm(event, context))) as QueryResult;
        run.result = result;
        return result;
      };
      try {
        attempt.kept = await suffer(fault, run);
        return attempt.kept;
      } catch (error) {
        attempt.error = error instanceof Error ? error.name : String(error);
        // a process that is gone takes with it what it knew
        if (attempt.error === 'Runtime.ExitError') warm = start();
        throw error;
      }
    };

    async function suffer(fault: LambdaFault | undefined, run: () => Promise<QueryResult>) {
      switch (fault?.kind) {
        case undefined:
          return run();
        case 'error': {
          if (fault.when === 'after') await run();
          throw Object.assign(new Error('as scripted'), { name: fault.error });
        }
        case 'hangs': {
          await run();
          return new Promise<never>(() => {});
        }
        case 'twice': {
          const results = [await run(), await run()];
          return results[fault.kept] as QueryResult;
        }
        case 'twiceAtOnce': {
          const [result] = await Promise.all([run(), run()]);
          return result;
        }
      }
    }
  }

  /** For who must find out why. */
  function observe({ answer }: Observation): void {
    const run = current.getStore()?.attempts.at(-1)?.runs.at(-1);
    if (run) run.answer = answer;
  }

  return {
    deadBaseUrl,
    observe,
    started: (number: number) => find(number).started.resolve(),
    attemptsOf: (number: number) => find(number).attempts,
    lambda,
    onRequest,
    readSecret,
    now: () => Date.now() + (current.getStore()?.clockOffsetMs ?? 0),
  };
}

function customSecret(number: number, more = {}): string {
  const { appId, appSecret } = appOf(number);
  return JSON.stringify({ kind: 'custom', app_id: appId, app_secret: appSecret, ...more });
}

import { expect, test } from 'vitest';
import type { Answer } from '../../../functions/core/answer.ts';
import { queryImport } from '../../../functions/query-import.ts';
import { refusalAnswer, resultAnswer } from '../../answers.ts';
import { createFeishu } from './feishu.ts';
import { ours } from './ours.ts';
import { runAlone } from './simulation.ts';

const running = resultAnswer({ ticket: 'a', jobStatus: 2 });
const refused = refusalAnswer({ httpStatus: 429, code: 99991400, retryAfterSeconds: 7 });

/** When the query function itself asks, with the state machine around it, until the deadline. */
async function queriesOfTheFunction(answers: Answer[], input: object): Promise<number[]> {
  const asked: number[] = [];
  let seconds = 3;
  const step = queryImport({
    config: { outageSeconds: 900 },
    profiles: () => ({
      kind: 'profile',
      async queryImport() {
        asked.push(seconds);
        const answer = answers[asked.length - 1] ?? running;
        return { answer, accessToken: 'tenant' };
      },
    }),
    now: () => seconds * 1000,
  });
  for (let query: object | undefined; ; ) {
    const result = await step(
      {
        execution_id: 'an execution',
        started_at: new Date(0).toISOString(),
        input: { ticket: 'a', ...input },
        state: query ? { query } : {},
      },
      { getRemainingTimeInMillis: () => 30_000 },
    );
    if (result.outcome !== 'pending') return asked;
    query = result;
    seconds += result.wait_seconds;
  }
}

/** When the simulation asks, told the same. */
function queriesOfTheSimulation(
  answers: Answer[],
  request: { timeoutSeconds: number; expectedSeconds?: number },
): number[] {
  const asker = ours(request).waitFor('an execution');
  const asked: number[] = [];
  let seconds = asker.firstWaitSeconds;
  for (;;) {
    asked.push(seconds);
    const isRefused = answers[asked.length - 1] === refused;
    const next = asker.next(
      isRefused ? { kind: 'rate_limit', resetSeconds: 7 } : { kind: 'running' },
      seconds,
    );
    if (next.kind !== 'wait') return asked;
    seconds += next.seconds;
  }
}

test.for([
  ['nothing but "running"', [], {}],
  ['two refusals', [running, refused, refused, running], {}],
  ['an expected time', [], { expectedSeconds: 400 }],
] as [string, Answer[], { expectedSeconds?: number }][])(
  'asks in the simulation when the function asks: %s',
  async ([, answers, { expectedSeconds }]) => {
    const expected = expectedSeconds ? { expectedSeconds } : {};

    const asked = queriesOfTheSimulation(answers, { timeoutSeconds: 1000, ...expected });

    const input = {
      timeout_seconds: 1000,
      ...(expectedSeconds && { expected_seconds: expectedSeconds }),
    };
    expect(asked).toEqual(await queriesOfTheFunction(answers, input));
    expect(asked.at(-1)).toBe(1000);
  },
);

test('the same execution asks at the same times, another one at others', () => {
  const run = (name: string) =>
    runAlone(
      ours(),
      [{ name, startSeconds: 0, durationSeconds: 500, weight: 1 }],
      createFeishu(),
    ).map(({ endSeconds, queries }) => ({ endSeconds, queries }));

  expect(run('a')).toEqual(run('a'));
  expect(new Set(['a', 'b', 'c', 'd'].map((name) => run(name)[0]?.endSeconds)).size).toBe(4);
});

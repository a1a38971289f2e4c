import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Answer } from '../../functions/core/answer.ts';
import {
  decide,
  elapsedSeconds,
  type Memory,
  noMemory,
} from '../../functions/core/import-decision.ts';
import { retrySchedule } from '../../infra/local/step-functions/retry-schedule.ts';
import { refusalAnswer, resultAnswer } from '../answers.ts';
import { randomOf } from '../faults/random.ts';

const { QueryImport, WaitBeforeFirstQuery } = JSON.parse(
  readFileSync('infra/import.asl.json', 'utf8'),
).States;

/** AWS ends an execution that writes more. */
const mostEvents = 25_000;
/** Of a query and the Choice and Wait after it; of a call that failed; of the start, the first Wait, and the end. */
const eventsOf = { loop: 9, failedCall: 3, others: 6 };

const day = 86_400;
const ticket = '7369583175086912356';
const running = resultAnswer({ ticket, jobStatus: 2 });
const silence: Answer = { kind: 'no_answer', reason: 'no whole answer' };
const limit = refusalAnswer({ httpStatus: 429, retryAfterSeconds: 1 });

/** The events of an execution that is answered in turn, and whose function fails so often before each answer. */
function eventsOfDay(inTurn: Answer[], failedCalls: string[], seed: number): number {
  const random = randomOf(`${seed}`);
  let memory: Memory = noMemory;
  let seconds: number = WaitBeforeFirstQuery.Seconds;
  let events = eventsOf.others;
  for (let step = 0; ; step++) {
    const secondsToRetry = retrySchedule(QueryImport.Retry, () => random.whole(0, 999) / 1000);
    for (const error of failedCalls) {
      const wait = secondsToRetry(error);
      if (wait === undefined) return events;
      events += eventsOf.failedCall;
      seconds += wait;
    }
    const decision = decide(inTurn[step % inTurn.length] as Answer, memory, {
      ...{ ticket, timeoutSeconds: day, expectedSeconds: undefined, outageSeconds: day },
      ...{ accessToken: 'tenant', jitter: random.whole(0, 999) / 1000 },
      elapsedSeconds: elapsedSeconds(seconds, memory),
    });
    events += eventsOf.loop;
    if (decision.outcome !== 'pending') return events;
    memory = decision.memory;
    seconds += memory.waitSeconds;
  }
}

test('the longest wait writes fewer events than AWS allows, whatever is answered, and however often the function fails', () => {
  const inTurn = fc.array(fc.constantFrom(running, silence, limit), {
    minLength: 1,
    maxLength: 4,
  });
  const failedCalls = fc
    .tuple(fc.nat(25), fc.nat(3))
    .map(([throttles, deaths]) => [
      ...Array<string>(throttles).fill('Lambda.TooManyRequestsException'),
      ...Array<string>(deaths).fill('Sandbox.Timedout'),
    ]);

  fc.assert(
    fc.property(inTurn, failedCalls, fc.nat(), (answered, failed, seed) => {
      expect(eventsOfDay(answered, failed, seed)).toBeLessThan(mostEvents);
    }),
  );
});

test('a day of waiting, with nothing in its way, writes some 3,000 events', () => {
  const events = eventsOfDay([running], [], 1);

  expect(events).toBeGreaterThan(2000);
  expect(events).toBeLessThan(4000);
});

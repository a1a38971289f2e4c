import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isLastQuery,
  type ScheduleContext,
  schedule,
  secondsUntilFirstQuery,
  waitOutRateLimit,
  waitThroughOutage,
  waitWhilePending,
} from '../../functions/core/polling-schedule.ts';

const day = 86_400;

/** After a query `elapsedSeconds` into an hour, in the middle of the jitter. */
const at = (elapsedSeconds: number, differing: Partial<ScheduleContext> = {}): ScheduleContext => ({
  elapsedSeconds,
  timeoutSeconds: 3600,
  expectedSeconds: undefined,
  queries: 1,
  congestion: 0,
  jitter: 0.5,
  ...differing,
});

type WaitAfter = (context: ScheduleContext) => number;

/** Asks until the time or the queries are up; the state machine's first Wait takes three seconds. */
function askUntilTheEnd(waitAfter: WaitAfter, differing: Partial<ScheduleContext> = {}) {
  let context = at(3, { timeoutSeconds: day, ...differing });
  while (!isLastQuery(context)) {
    const elapsedSeconds = context.elapsedSeconds + waitAfter(context);
    context = { ...context, elapsedSeconds, queries: context.queries + 1 };
  }
  return { lastQueryAt: context.elapsedSeconds, queries: context.queries };
}

test.for([
  ['starts at the shortest wait', 0, 2],
  ['waits a little longer after the first query', 3, 5],
  ['grows with the square root of the time elapsed', 100, 26],
  ['waits twice as long after four times the time', 400, 52],
  ['waits whole seconds', 43, 17],
  ['waits in full where that ends at the deadline', 3460, 140],
  ['ends the last wait at the deadline', 3590, 10],
  ['ends the last wait no earlier than the deadline', 3590.4, 10],
  ['waits a second where less is left', 3599.4, 1],
  ['waits a second even past the deadline', 4000, 1],
] as const)('%s', ([, elapsedSeconds, wait]) => {
  expect(waitWhilePending(at(elapsedSeconds))).toBe(wait);
});

test.for([13_400, 80_000])('waits no longer than five minutes after %i s', (elapsedSeconds) => {
  expect(waitWhilePending(at(elapsedSeconds, { timeoutSeconds: day }))).toBe(300);
});

test.for([
  [0, 66],
  [0.25, 72],
  [0.5, 78],
  [0.999, 90],
] as const)('jitter %d makes 78 seconds %i', ([jitter, wait]) => {
  expect(waitWhilePending(at(900, { jitter }))).toBe(wait);
});

test('jitter makes a difference to the shortest waits too', () => {
  const waits = [0, 0.999].map((jitter) => waitWhilePending(at(3, { jitter })));

  expect(waits).toEqual([4, 5]);
});

test.for([
  [1, 33],
  [2, 39],
  [8, 78],
  [2500, 78],
] as const)('%i refusals not yet answered for make 26 seconds %i', ([congestion, wait]) => {
  expect(waitWhilePending(at(100, { congestion }))).toBe(wait);
});

test.for([
  ['the first query', false, at(1)],
  ['a query just before the deadline', false, at(3599.9)],
  ['a query at the deadline', true, at(3600)],
  ['a query past the deadline', true, at(3700)],
  ['query 2,499', false, at(1, { queries: 2499 })],
  ['query 2,500', true, at(1, { queries: 2500 })],
] as const)('%s is the last: %s', ([, isLast, context]) => {
  expect(isLastQuery(context)).toBe(isLast);
});

test.for([
  ['at once where nothing is expected', at(0), 0],
  ['after a quarter of the expected time', at(0, { expectedSeconds: 600 }), 150],
  ['less what has passed', at(100, { expectedSeconds: 600 }), 50],
  ['at the deadline where that comes first', at(0, { expectedSeconds: 80_000 }), 3600],
] as const)('the first query is due %s', ([, context, seconds]) => {
  expect(secondsUntilFirstQuery(context)).toBe(seconds);
});

test('first queries that are expected together are spread', () => {
  const seconds = [0, 0.999].map((jitter) =>
    Math.round(secondsUntilFirstQuery(at(0, { expectedSeconds: 800, jitter }))),
  );

  expect(seconds).toEqual([170, 230]);
});

test('a first query that is overdue is due at once', () => {
  expect(secondsUntilFirstQuery(at(151, { expectedSeconds: 600 }))).toBeLessThanOrEqual(0);
});

test.for([
  [3, 1],
  [30, 5],
  [300, 15],
  [3600, 48],
  [day, 335],
] as const)('an import that takes %i s costs %i queries', ([importSeconds, queries]) => {
  const asked = askUntilTheEnd(waitWhilePending, { timeoutSeconds: importSeconds });

  expect(asked.queries).toBe(queries);
});

test('somebody who expects an hour saves the queries of its first quarter', () => {
  const asked = askUntilTheEnd(waitWhilePending, { elapsedSeconds: 900, timeoutSeconds: 3600 });

  expect(asked.queries).toBe(25);
});

const alternating =
  (...waits: WaitAfter[]): WaitAfter =>
  (context) =>
    waits[context.queries % waits.length]?.(context) ?? 0;
/** So many failures in a row, the last of which asked for so many seconds. */
function failing(failuresInARow: number, retryAfterSeconds: number, outageSecondsLeft = 900) {
  return { failuresInARow, retryAfterSeconds, outageSecondsLeft };
}

const shortFailure: WaitAfter = (context) => waitThroughOutage(failing(1, 0), context);

test.for([
  ['every answer is "not yet"', waitWhilePending],
  ['every answer is a rate limit that resets in a second', (c) => waitOutRateLimit(1, 1, c)],
  ['rate limits follow one another', (c) => waitOutRateLimit(1, c.queries, c)],
  ['every answer is the first of an outage', shortFailure],
  ['every other answer is a failure', alternating(waitWhilePending, shortFailure)],
] satisfies [string, WaitAfter][])(
  'a day takes no more than 2,500 queries, the last at its end, though %s',
  ([, waitAfter]) => {
    for (const jitter of [0, 0.5, 0.999]) {
      const asked = askUntilTheEnd(waitAfter, { jitter });

      expect(asked.lastQueryAt).toBe(day);
      expect(asked.queries).toBeLessThanOrEqual(schedule.maxQueries);
    }
  },
);

test.for([
  ['are left as they are while enough queries are left', 2399, 6000, 300],
  ['stretch to what each query left has to bridge', 2400, 40_000, 400],
  ['bridge all that is left before the very last query', 2499, 50_000, 50_000],
] as const)('waits %s', ([, queries, secondsLeft, wait]) => {
  expect(waitWhilePending(at(day - secondsLeft, { timeoutSeconds: day, queries }))).toBe(wait);
});

test.for([
  ['with one query left', 2499, 50, 50],
  ['with two queries left', 2498, 400, 200],
  ['with two queries left and little time', 2498, 300, schedule.longestInOutage],
] as const)('%s, a short wait stretches where it must', ([, queries, secondsLeft, wait]) => {
  expect(shortFailure(at(day - secondsLeft, { timeoutSeconds: day, queries }))).toBe(wait);
});

test('a rate limit is waited out in full though queries are scarce', () => {
  const context = at(day - 40_000, { timeoutSeconds: day, queries: 2400, jitter: 0 });

  expect(waitOutRateLimit(500, 1, context)).toBe(500);
});

test.for([
  [1, 2],
  [2, 4],
  [3, 8],
  [4, 16],
  [5, 32],
  [6, 60],
  [7, 60],
  [20, 60],
  [21, 75],
  [36, 300],
  [2500, 300],
] as const)('failure %i in a row is followed by a wait of %i s', ([failuresInARow, wait]) => {
  expect(waitThroughOutage(failing(failuresInARow, 0), at(100))).toBe(wait);
});

test.for([
  ['waits a little longer than the answer asks for', 30, 33],
  ['rounds up what it asks for', 2.1, 3],
  ['waits no less than the backoff', 1, 2],
  ['waits longer than its own longest wait where it must', 300, 323],
  ['takes more than an hour for a minute', 1e9, 65],
] as const)('%s in an outage', ([, retryAfterSeconds, wait]) => {
  expect(waitThroughOutage(failing(1, retryAfterSeconds), at(100))).toBe(wait);
});

test('spreads the waits of an outage', () => {
  const waits = [0, 0.5, 0.999].map((jitter) =>
    waitThroughOutage(failing(6, 0), at(100, { jitter })),
  );

  expect(waits).toEqual([51, 60, 69]);
});

test.for([
  ['until the reset', 52, 1, 52],
  ['until a reset of a fraction', 52.3, 1, 53],
  ["the schedule's own wait where the reset is shorter", 1, 1, 26],
  ["the schedule's own wait without a reset", 0, 1, 26],
  ['for as long as an hour', 3600, 1, 3600],
] as const)('waits out a rate limit: %s', ([, resetSeconds, limitsInARow, wait]) => {
  const context = at(100, { timeoutSeconds: day, jitter: 0 });

  expect(waitOutRateLimit(resetSeconds, limitsInARow, context)).toBe(wait);
});

test.for([3600.5, day, 1_772_352_000, 1e12, Number.POSITIVE_INFINITY])(
  'takes a reset of %d s for a minute',
  (resetSeconds) => {
    const context = at(100, { timeoutSeconds: day, jitter: 0 });

    expect(waitOutRateLimit(resetSeconds, 1, context)).toBe(60);
  },
);

test.for([
  [1, 12],
  [2, 120],
  [2500, 120],
] as const)('limit %i in a row spreads its waits over up to %i s', ([limitsInARow, seconds]) => {
  const waits = [0, 0.9999].map((jitter) =>
    waitOutRateLimit(100, limitsInARow, at(100, { jitter })),
  );

  expect(waits).toEqual([100, 100 + seconds]);
});

const jitters = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const contexts = fc
  .record({
    timeoutSeconds: fc.integer({ min: 1, max: day }),
    share: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    queries: fc.integer({ min: 1, max: schedule.maxQueries }),
    congestion: fc.nat(schedule.maxQueries),
    jitter: jitters,
  })
  .map(({ share, ...context }) => at(share * context.timeoutSeconds, context));
const inARow = fc.integer({ min: 1, max: schedule.maxQueries });
const resets = fc.double({ min: 0, noNaN: true });

test('every wait is of whole seconds, at least one, and ends at the deadline at the latest', () => {
  fc.assert(
    fc.property(contexts, inARow, resets, (context, n, reset) => {
      const secondsLeft = Math.ceil(context.timeoutSeconds - context.elapsedSeconds);
      const waits = [
        waitWhilePending(context),
        waitThroughOutage(failing(n, reset), context),
        waitOutRateLimit(reset, n, context),
      ];

      expect(waits.filter((wait) => !Number.isInteger(wait))).toEqual([]);
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(1);
      expect(Math.max(...waits)).toBeLessThanOrEqual(secondsLeft);
    }),
  );
});

test("a rate limit is never waited out for less than its reset or the schedule's own wait", () => {
  const anHour = fc.double({ min: 0, max: schedule.longestReset, noNaN: true });
  fc.assert(
    fc.property(contexts, inARow, anHour, (context, n, reset) => {
      const secondsLeft = context.timeoutSeconds - context.elapsedSeconds;
      const own = waitWhilePending({ ...context, jitter: 0.5 });

      const wait = waitOutRateLimit(reset, n, context);

      expect(wait).toBeGreaterThanOrEqual(Math.min(reset, secondsLeft));
      expect(wait).toBeGreaterThanOrEqual(own);
    }),
  );
});

test('asking always ends at the deadline, whatever the answers', () => {
  const answers = fc.constantFrom<(n: number, reset: number) => WaitAfter>(
    () => waitWhilePending,
    (n, reset) => (context) => waitThroughOutage(failing(n, reset), context),
    (n, reset) => (context) => waitOutRateLimit(reset, n, context),
  );
  const waits = fc
    .tuple(answers, inARow, fc.double({ min: 0, max: 100, noNaN: true }))
    .map(([answer, n, reset]) => answer(n, reset));
  fc.assert(
    fc.property(
      fc.array(waits, { minLength: 1 }),
      fc.integer({ min: 1, max: day }),
      jitters,
      (waitsInTurn, timeoutSeconds, jitter) => {
        const asked = askUntilTheEnd(alternating(...waitsInTurn), { timeoutSeconds, jitter });

        // the first wait is three seconds, whatever the deadline
        expect(asked.lastQueryAt).toBe(Math.max(timeoutSeconds, 3));
        expect(asked.queries).toBeLessThanOrEqual(schedule.maxQueries);
      },
    ),
  );
});

test('whoever is refused shortly before the deadline comes back by then, and not all at once', () => {
  const waits = [0, 0.5, 0.999].map((jitter) =>
    waitOutRateLimit(1, 1, at(30, { timeoutSeconds: 50, jitter })),
  );

  expect(waits).toEqual([15, 18, 20]);
});

import { expect, test } from 'vitest';
import type { StateEntered } from '../../../infra/local/step-functions/engine.ts';
import { pending, type QueryEvent, startPolling, succeeded } from './polling-machine.ts';

const elapsedSeconds = ({ started_at }: QueryEvent) => (Date.now() - Date.parse(started_at)) / 1000;

function clockOf(queries: number, waitSeconds: number, atQuery = (_query: number) => {}) {
  const seen: number[] = [];
  const query = (event: QueryEvent) => {
    seen.push(elapsedSeconds(event));
    atQuery(seen.length);
    return seen.length < queries ? pending(waitSeconds) : succeeded();
  };
  return { seen, query };
}

test('passes an hour of waits in a moment, by the clock of the function too', async () => {
  const { seen, query } = clockOf(7, 600);
  const { run } = await startPolling({ timeLapse: 100_000, query });

  const before = Date.now();
  const { status, startDate, stopDate } = await run('one');
  const tookMs = Date.now() - before;

  expect(status).toBe('SUCCEEDED');
  expect(tookMs).toBeLessThan(1000);
  expect(Number(startDate)).toBeGreaterThanOrEqual(before);
  expect(Number(stopDate) - Number(startDate)).toBeLessThanOrEqual(tookMs);
  for (const [index, seconds] of seen.entries()) {
    expect(seconds).toBeGreaterThanOrEqual(2 + 600 * index);
    expect(seconds).toBeLessThan(3 + 600 * index);
  }
});

test('counts the intervals of retries as passed', async () => {
  const { seen, query } = clockOf(3, 0, (count) => {
    if (count < 3) throw Object.assign(new Error('again'), { name: 'Flaky' });
  });
  const { run } = await startPolling({ query });

  await run('one');

  const asked = [2, 2 + 10, 2 + 10 + 20];
  expect(seen.map(Math.floor)).toEqual(asked);
});

test('keeps the clock of each execution apart', async () => {
  const seen: Record<string, number> = {};
  const { run } = await startPolling({
    query: (event) => {
      const waitSeconds = Number(event.input);
      if (!event.state.query) return pending(waitSeconds);
      seen[waitSeconds] = Math.floor(elapsedSeconds(event));
      return succeeded();
    },
  });

  await Promise.all([run('short', '1'), run('long', '30'), run('longer', '60')]);

  expect(seen).toEqual({ 1: 3, 30: 32, 60: 62 });
});

test('runs out of time by the same clock', async () => {
  const aCentury = 100 * 365 * 24 * 3600;
  const { seen, query } = clockOf(10, aCentury);
  const { run, history } = await startPolling({ timeLapse: 200_000, query });

  const described = await run('one');
  const events = await history(described.executionArn ?? '');

  expect(described.status).toBe('TIMED_OUT');
  expect(described.redriveStatus).toBe('REDRIVABLE');
  expect(described).not.toHaveProperty('error');
  expect(described).not.toHaveProperty('cause');
  expect(seen).toHaveLength(1);
  expect(events.slice(-2)).toMatchObject([
    { type: 'WaitStateEntered' },
    {
      type: 'ExecutionTimedOut',
      previousEventId: 0,
      executionTimedOutEventDetails: { error: 'States.Timeout' },
    },
  ]);
});

test('waits as long as asked without it', async () => {
  const { seen, query } = clockOf(1, 0);
  const entered: StateEntered[] = [];
  const { start } = await startPolling({
    timeLapse: 1,
    query,
    onStateEntered: (event) => entered.push(event),
  });

  await start('one');
  await expect.poll(() => entered, { interval: 1 }).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 20));

  expect(entered).toMatchObject([
    { executionName: 'one', state: 'First wait', stateType: 'Wait', input: {} },
  ]);
  expect(seen).toEqual([]);
});

test.for([0, 0.5, -1, Number.NaN, Number.POSITIVE_INFINITY])(
  'refuses to pass time %d times as fast',
  async (timeLapse) => {
    await expect(startPolling({ timeLapse })).rejects.toThrow('timeLapse must be');
  },
);

import { expect, test } from 'vitest';
import type { Answer, NoProfile } from '../functions/core/answer.ts';
import type { AccessToken } from '../functions/core/error-catalogue.ts';
import type { Profiles } from '../functions/credentials/profiles.ts';
import { queryImport } from '../functions/query-import.ts';
import { refusalAnswer, resultAnswer } from './answers.ts';

const ticket = '7369583175086912356';
const start = Date.UTC(2026, 2, 1, 8);

const processing = resultAnswer({ ticket, jobStatus: 2 });
const finished: Answer = { ...processing, jobStatus: 0, type: 'docx', token: 'Fm7o' };
const forbidden = refusalAnswer({ httpStatus: 403, code: 1069902, msg: 'no permission' });

type SetUp = {
  answer?: Answer;
  /** After the start of the execution. */
  seconds?: number;
  remainingMs?: number;
  outageSeconds?: number;
  accessToken?: AccessToken;
  profiles?: Profiles;
};

/** The function, a few seconds after the start, with one profile, and what Feishu was asked. */
function setUp({
  answer = processing,
  seconds = 10,
  remainingMs = 30_000,
  outageSeconds = 900,
  accessToken = 'tenant',
  ...given
}: SetUp = {}) {
  const asked: { ticket: string; deadline: number }[] = [];
  const profile = {
    kind: 'profile' as const,
    async queryImport(queried: string, deadline: number) {
      asked.push({ ticket: queried, deadline });
      return { answer, accessToken };
    },
  };
  const noProfile: NoProfile = { kind: 'no_profile', reason: 'there is no such profile' };
  const now = () => start + seconds * 1000;
  const profiles: Profiles =
    given.profiles ?? ((name) => (name === 'default' ? profile : noProfile));
  const handler = queryImport({ config: { outageSeconds }, profiles, now });
  const step = (event: unknown) => handler(event, { getRemainingTimeInMillis: () => remainingMs });
  return { step, asked, now };
}

function eventOf({ input = { ticket } as unknown, query = undefined as unknown, id = 'a' } = {}) {
  return {
    execution_id: `arn:aws:states:eu-west-1:1:execution:imports:${id}`,
    started_at: new Date(start).toISOString(),
    input,
    state: query === undefined ? {} : { query },
  };
}

test('asks for the ticket and says how long to wait', async () => {
  const { step, asked } = setUp();

  const result = await step(eventOf());

  expect(asked.map((query) => query.ticket)).toEqual([ticket]);
  expect(result).toMatchObject({
    outcome: 'pending',
    job_status: 2,
    wait_seconds: 9,
    queries: 1,
    elapsed_seconds: 10,
  });
});

test('returns the document as output', async () => {
  const { step } = setUp({ answer: finished });

  const { outcome, job_status, output } = await step(eventOf());

  expect({ outcome, job_status }).toEqual({ outcome: 'succeeded', job_status: 0 });
  expect(output).toMatchObject({ ticket, profile: 'default', queries: 1, elapsed_seconds: 10 });
});

test('hands over what is left of its time, less a second', async () => {
  const { step, asked, now } = setUp({ remainingMs: 20_000 });

  await step(eventOf());

  expect(asked.map((query) => query.deadline)).toEqual([now() + 19_000]);
});

test('counts on from what it remembers', async () => {
  const { step } = setUp({ seconds: 100 });
  const first = await setUp({ seconds: 40 }).step(eventOf());

  const second = await step(eventOf({ query: first }));

  expect(second).toMatchObject({ queries: 2, elapsed_seconds: 100 });
});

test('counts the waits that it asked for, though the clock was set back', async () => {
  const { step } = setUp({ seconds: -3600 });
  const query = { queries: 5, elapsed_seconds: 100, wait_seconds: 25 };

  expect(await step(eventOf({ query }))).toMatchObject({ queries: 6, elapsed_seconds: 125 });
});

test('ends as timed out at the deadline of its input', async () => {
  const { step } = setUp({ seconds: 60 });

  const { outcome, error, cause } = await step(eventOf({ input: { ticket, timeout_seconds: 60 } }));

  expect({ outcome, error }).toEqual({ outcome: 'failed', error: 'Import.TimedOut' });
  expect(JSON.parse(cause)).toMatchObject({ ticket, retryable: true, job_status: 2, queries: 1 });
});

test('bears an outage for as long as it is told', async () => {
  const silence: Answer = { kind: 'no_answer', reason: 'connect ECONNREFUSED' };
  const { step } = setUp({ answer: silence, seconds: 50, outageSeconds: 40 });
  const query = { queries: 4, transient_failures: 4, outage_since_seconds: 10 };

  expect(await step(eventOf({ query }))).toMatchObject({
    outcome: 'failed',
    error: 'Feishu.Unavailable',
  });
});

test.for([
  ['a quarter of the expected time before the first query', 10, { expected_seconds: 600 }, 149],
  ['whole seconds', 10.4, { expected_seconds: 600 }, 149],
  ['no longer than until the deadline', 10, { expected_seconds: 600, timeout_seconds: 60 }, 50],
] as const)('waits %s', async ([, seconds, expectation, wait]) => {
  const { step, asked } = setUp({ seconds });

  const result = await step(eventOf({ input: { ticket, ...expectation } }));

  expect(asked).toEqual([]);
  expect(result).toMatchObject({
    outcome: 'pending',
    job_status: -1,
    wait_seconds: wait,
    queries: 0,
    elapsed_seconds: seconds,
  });
});

test('asks once a quarter of the expected time is over', async () => {
  const { step, asked } = setUp({ seconds: 158 });
  const input = { ticket, expected_seconds: 600 };
  const early = await setUp({ seconds: 10 }).step(eventOf({ input }));

  const result = await step(eventOf({ input, query: early }));

  expect(asked).toHaveLength(1);
  expect(result).toMatchObject({ queries: 1, elapsed_seconds: 159 });
});

test('asks on after the first query, whatever is expected', async () => {
  const { step, asked } = setUp();

  await step(eventOf({ input: { ticket, expected_seconds: 600 }, query: { queries: 1 } }));

  expect(asked).toHaveLength(1);
});

test('waits as long when the same step is repeated', async () => {
  const query = { queries: 9, elapsed_seconds: 900 };
  const waits = await Promise.all(
    [1, 2].map(() => setUp({ seconds: 1000 }).step(eventOf({ query }))),
  );

  expect(new Set(waits.map(({ wait_seconds }) => wait_seconds)).size).toBe(1);
});

test('spreads the waits of different executions and of different steps', async () => {
  const waits = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const query = { queries: index % 10, elapsed_seconds: 900 };
      const { wait_seconds } = await setUp({ seconds: 1000 }).step(
        eventOf({ query, id: `execution-${index}` }),
      );
      return wait_seconds;
    }),
  );

  // 2.6 times the square root of 1000, more or less 15 %
  expect([...new Set(waits)].sort()).toEqual(Array.from({ length: 26 }, (_, index) => 70 + index));
});

test('refuses an input with every fault that it has', async () => {
  const { step, asked } = setUp();
  const input = { ticket, timeout_seconds: 0, profile: 'A', foo: 1 };

  const { outcome, error, cause } = await step(eventOf({ input }));

  expect(asked).toEqual([]);
  expect({ outcome, error }).toEqual({ outcome: 'failed', error: 'Input.Invalid' });
  expect(JSON.parse(cause)).toMatchObject({
    ticket,
    retryable: false,
    reimport: false,
    queries: 0,
  });
  for (const fault of ['timeout_seconds must be', 'profile must be', '"foo" is not known']) {
    expect(JSON.parse(cause).message).toContain(fault);
  }
  for (const fault of ['timeout_seconds 必须', 'profile 必须', '不支持 "foo"']) {
    expect(JSON.parse(cause).message_zh).toContain(fault);
  }
});

test.for([
  ['a number as ticket', { ticket: 7369583175086912 }],
  ['nothing', {}],
  ['no object', null],
  ['a text', ticket],
] as const)('refuses %s, without a ticket in the cause', async ([, input]) => {
  const { step } = setUp();

  const { error, cause } = await step(eventOf({ input }));

  expect(error).toBe('Input.Invalid');
  expect(JSON.parse(cause).ticket).toBeNull();
});

test('refuses an input even of those who want failures returned', async () => {
  const { step } = setUp();

  expect(await step(eventOf({ input: { ticket, on_failure: 'return', foo: 1 } }))).toMatchObject({
    outcome: 'failed',
    error: 'Input.Invalid',
    output: {},
  });
});

test('refuses an input full of unknown keys within the limits of Step Functions', async () => {
  const { step } = setUp();
  const unknown = Array.from({ length: 10_000 }, (_, index) => [`"key-${index}`, index]);

  const result = await step(eventOf({ input: { ticket, ...Object.fromEntries(unknown) } }));

  expect(result.error).toBe('Input.Invalid');
  expect(JSON.parse(result.cause).message).toContain('9980 more');
  expect(result.cause.length).toBeLessThanOrEqual(32_768);
  expect(JSON.stringify(result).length).toBeLessThan(256 * 1024);
});

test('returns what Feishu says of the file to those who want failures returned', async () => {
  const { step } = setUp({ answer: { ...processing, jobStatus: 100 } });

  const result = await step(eventOf({ input: { ticket, on_failure: 'return' } }));

  expect(result).toMatchObject({
    outcome: 'succeeded',
    job_status: 100,
    error: '',
    output: { status: 'failed', error: { name: 'Import.FileEncrypted' } },
  });
});

test('ends where the profile is not known', async () => {
  const { step, asked } = setUp();

  const { error, cause } = await step(eventOf({ input: { ticket, profile: 'team-b' } }));

  expect(asked).toEqual([]);
  expect(error).toBe('Profile.Unknown');
  expect(JSON.parse(cause)).toMatchObject({ ticket, retryable: false, queries: 0 });
  expect(JSON.parse(cause).message).toContain('there is no such profile');
});

test('asks as the profile of its input', async () => {
  const names: string[] = [];
  const profiles: Profiles = (name) => {
    names.push(name);
    return { kind: 'no_profile', reason: 'none' };
  };
  const { step } = setUp({ profiles });

  await step(eventOf());
  await step(eventOf({ input: { ticket, profile: 'team-b' } }));

  expect(names).toEqual(['default', 'team-b']);
});

test.for([
  ['tenant', 'with the app that created'],
  ['user', 'as the user who created'],
] as const)('advises for a query as %s', async ([accessToken, advice]) => {
  const { step } = setUp({ answer: forbidden, accessToken });

  const { cause } = await step(eventOf());

  expect(JSON.parse(cause).advice).toContain(advice);
});

test('throws what the credentials throw', async () => {
  const { step } = setUp({
    profiles: () => {
      throw new Error('the secret store is gone');
    },
  });

  await expect(step(eventOf())).rejects.toThrow('the secret store is gone');
});

test.for([
  ['no event', undefined],
  ['an event without an execution', { ...eventOf(), execution_id: undefined }],
  ['an event without a start', { ...eventOf(), started_at: undefined }],
] as const)('throws at %s', async ([, event]) => {
  const { step } = setUp();

  await expect(step(event)).rejects.toThrow();
});

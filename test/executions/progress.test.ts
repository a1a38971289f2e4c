import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import {
  firstWaitSeconds,
  progressAtStart,
  progressOf,
} from '../../functions/executions/progress.ts';
import definition from '../../infra/import.asl.json' with { type: 'json' };

const timestamp = new Date('2026-11-22T13:00:00Z');
const memory = {
  outcome: 'pending',
  job_status: 2,
  wait_seconds: 12,
  error: '',
  cause: '',
  output: {},
  queries: 3,
  elapsed_seconds: 8.5,
  transient_failures: 0,
  outage_since_seconds: 0,
  rate_limits: 0,
};
const knowsNothing = {
  queries: 0,
  job_status: -1,
  meaning: 'Feishu has not reported a status yet',
  meaning_zh: '飞书尚未返回状态',
  // three seconds after the start
  next_query_at: '2026-11-22T13:00:03.000Z',
};

let id = 100;
function event(type: HistoryEventType, details: Partial<HistoryEvent> = {}): HistoryEvent {
  id -= 1;
  return { type, id, timestamp, ...details };
}

function entered(type: HistoryEventType, state: unknown): HistoryEvent {
  return event(type, { stateEnteredEventDetails: { name: 'State', input: JSON.stringify(state) } });
}

function scheduled(input: unknown, at = timestamp): HistoryEvent {
  return event('LambdaFunctionScheduled', {
    timestamp: at,
    lambdaFunctionScheduledEventDetails: { resource: 'arn', input: JSON.stringify(input) },
  });
}

test('tells of a wait when it ends', () => {
  expect(progressOf([entered('WaitStateEntered', { query: memory })])).toEqual({
    queries: 3,
    job_status: 2,
    meaning: 'task is being processed',
    meaning_zh: '处理中',
    next_query_at: '2026-11-22T13:00:12.000Z',
  });
});

test('counts the wait already where its state is about to be entered', () => {
  const progress = progressOf([entered('ChoiceStateEntered', { query: memory })]);

  expect(progress?.next_query_at).toBe('2026-11-22T13:00:12.000Z');
});

test('before the first query tells when that will be', () => {
  const started = event('ExecutionStarted', {
    executionStartedEventDetails: { input: '{"ticket":"a"}' },
  });

  expect(progressOf([entered('WaitStateEntered', { ticket: 'a' }), started])).toEqual(knowsNothing);
  expect(progressOf([started])).toEqual(knowsNothing);
  expect(progressAtStart(timestamp, { ticket: 'a' })).toEqual(knowsNothing);
});

test.for([
  [600, 3600, '2026-11-22T13:02:30.000Z'],
  // the last query is at the deadline
  [600, 60, '2026-11-22T13:01:00.000Z'],
  [5, 3600, '2026-11-22T13:00:03.000Z'],
] as const)(
  'an import expected to take %d s of %d is asked for at %s',
  ([expected, timeout, at]) => {
    const input = { ticket: 'a', expected_seconds: expected, timeout_seconds: timeout };

    expect(progressOf([entered('WaitStateEntered', input)])?.next_query_at).toBe(at);
    expect(progressAtStart(timestamp, input).next_query_at).toBe(at);
  },
);

test('tells of the first query on its way', () => {
  const progress = progressOf([entered('TaskStateEntered', { ticket: 'a' })]);

  expect(progress).toEqual({ ...knowsNothing, next_query_at: '2026-11-22T13:00:00.000Z' });
});

test("knows the state machine's first wait", () => {
  expect(firstWaitSeconds).toBe(definition.States.WaitBeforeFirstQuery.Seconds);
});

test('tells of a query on its way what was known before it', () => {
  const progress = progressOf([
    event('LambdaFunctionStarted'),
    scheduled({ state: { query: memory } }),
    entered('TaskStateEntered', { query: memory }),
  ]);

  expect(progress).toMatchObject({ queries: 3, next_query_at: '2026-11-22T13:00:00.000Z' });
});

test('takes a state just entered for a query on its way', () => {
  const progress = progressOf([entered('TaskStateEntered', { query: memory })]);

  expect(progress).toMatchObject({ queries: 3, next_query_at: '2026-11-22T13:00:00.000Z' });
});

test('tells of a query that is retried what the last attempt was told', () => {
  const progress = progressOf([
    event('LambdaFunctionFailed'),
    event('LambdaFunctionStarted'),
    scheduled({ state: { query: memory } }, new Date('2026-11-22T13:00:30Z')),
    event('LambdaFunctionTimedOut'),
    event('LambdaFunctionStarted'),
    scheduled({ state: { query: memory } }),
  ]);

  expect(progress).toMatchObject({ queries: 3, next_query_at: '2026-11-22T13:00:30.000Z' });
});

test('understands what an older or newer version remembered', () => {
  const query = { job_status: 1, queries: 'many', future: true };

  expect(progressOf([entered('WaitStateEntered', { query })])).toMatchObject({
    queries: 0,
    job_status: 1,
    meaning: 'task is initialising',
  });
});

test.for([null, 5, '[]', [], { query: null }, { query: 'x' }])(
  'takes the state %j for one that remembers nothing',
  (state) => {
    expect(progressOf([entered('WaitStateEntered', state)])).toEqual(knowsNothing);
  },
);

test.for([
  ['of no events', []],
  ['of a state whose input is no JSON', [unreadable('{"query":…')]],
  ['where data is left out', [event('WaitStateEntered', { stateEnteredEventDetails: undefined })]],
  ['of a query without a state', [scheduled({ ticket: 'a' })]],
] as const)('says nothing %s', ([, events]) => {
  expect(progressOf(events)).toBeUndefined();
});

function unreadable(input: string): HistoryEvent {
  return event('WaitStateEntered', { stateEnteredEventDetails: { name: 'State', input } });
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  memoryIn,
  type QueryResult,
  queryResult,
  readQueryEvent,
} from '../../functions/contract/query-step.ts';
import { type ErrorName, errorCatalogue } from '../../functions/core/error-catalogue.ts';
import { type FailureDetails, failure } from '../../functions/core/failure.ts';
import { type Decision, type Memory, noMemory } from '../../functions/core/import-decision.ts';
import { importNotice } from '../../functions/core/import-notices.ts';

const ticket = '7369583175086912356';
const failing = { ticket, profile: 'default', onFailure: 'fail' } as const;
const returning = { ticket, profile: 'default', onFailure: 'return' } as const;

const memory: Memory = {
  queries: 6,
  jobStatus: 2,
  elapsedSeconds: 13.6,
  waitSeconds: 4,
  transientFailures: 3,
  outageSinceSeconds: 9.5,
  rateLimits: 1,
  appTicketMissedAtSeconds: 8.2,
  congestion: 3,
};

const remembered = {
  queries: 6,
  job_status: 2,
  elapsed_seconds: 13.6,
  wait_seconds: 4,
  transient_failures: 3,
  outage_since_seconds: 9.5,
  rate_limits: 1,
  app_ticket_missed_at_seconds: 8.2,
  congestion: 3,
};

const message = { en: 'It failed.', zh: '失败了。' };

function failed(error: ErrorName, details: FailureDetails = {}): Decision {
  return {
    outcome: 'failed',
    failure: failure(error, message, details),
    memory: { ...memory, jobStatus: details.jobStatus ?? 2, waitSeconds: 0 },
  };
}

function succeeded(extra: string[], document = {}): Decision {
  return {
    outcome: 'succeeded',
    document: {
      type: 'sheet',
      token: 'Fm7o…',
      url: 'https://example.feishu.cn/sheets/Fm7o…',
      ...document,
    },
    warnings: extra.map(importNotice),
    memory: { ...memory, jobStatus: 0, waitSeconds: 0 },
  };
}

const pending: Decision = { outcome: 'pending', memory };

/** As Step Functions keeps it. */
const overTheWire = (result: QueryResult) => JSON.parse(JSON.stringify(result));

test('what a step returns, the next one remembers', () => {
  const query = overTheWire(queryResult(pending, failing));

  expect(memoryIn({ query })).toStrictEqual(memory);
});

test('a pending step returns its counters and nothing else', () => {
  expect(queryResult(pending, failing)).toStrictEqual({
    outcome: 'pending',
    error: '',
    cause: '',
    output: {},
    ...remembered,
  });
});

test.for([
  ['no query', {}],
  ['the Wait before the first query', { started: true }],
  ['a query of null', { query: null }],
  ['a query that is a list', { query: [] }],
  ['a query that is a text', { query: 'pending' }],
  ['an empty query', { query: {} }],
  ['a state of null', null],
  ['a state that is a text', 'x'],
  ['no state', undefined],
] as const)('%s is no memory', ([, state]) => {
  expect(memoryIn(state)).toStrictEqual(noMemory);
});

test.for([
  ['keys of a newer version', { ...remembered, mood: 'good', nested: { queries: 9 } }, memory],
  ['only a count', { queries: 6 }, { ...noMemory, queries: 6 }],
  ['a count that is a text', { ...remembered, queries: '6' }, { ...memory, queries: 0 }],
  ['a negative count', { ...remembered, rate_limits: -1 }, { ...memory, rateLimits: 0 }],
  ['a count beyond numbers', { ...remembered, queries: 2 ** 53 }, { ...memory, queries: 0 }],
  ['a broken count', { ...remembered, queries: 1.5 }, { ...memory, queries: 0 }],
  ['a time of null', { ...remembered, elapsed_seconds: null }, { ...memory, elapsedSeconds: 0 }],
  ['half a second', { ...remembered, elapsed_seconds: 0.5 }, { ...memory, elapsedSeconds: 0.5 }],
  [
    'a ticket missed from the start',
    { ...remembered, app_ticket_missed_at_seconds: 0 },
    { ...memory, appTicketMissedAtSeconds: 0 },
  ],
  ['a negative time', { ...remembered, elapsed_seconds: -60 }, { ...memory, elapsedSeconds: 0 }],
  ['a wait of a fraction', { ...remembered, wait_seconds: 2.5 }, { ...memory, waitSeconds: 0 }],
  ['a negative wait', { ...remembered, wait_seconds: -60 }, { ...memory, waitSeconds: 0 }],
  ['a status that is a text', { ...remembered, job_status: '2' }, { ...memory, jobStatus: -1 }],
  ['a broken status', { ...remembered, job_status: 1.5 }, { ...memory, jobStatus: -1 }],
] as const)('a memory with %s is understood', ([, query, understood]) => {
  expect(memoryIn({ query })).toStrictEqual(understood);
});

const event = {
  execution_id: 'arn:aws:states:eu-west-1:1:execution:imports:default_1_1',
  started_at: '2026-03-01T08:00:00.250Z',
  input: { ticket },
  state: {},
};

test('an event is read', () => {
  expect(readQueryEvent({ ...event, state: { query: remembered } })).toStrictEqual({
    executionId: event.execution_id,
    startedAt: Date.UTC(2026, 2, 1, 8, 0, 0, 250),
    input: { ticket },
    memory,
  });
});

test.for([
  '2026-03-01T08:00:00Z',
  '2026-03-01T16:00:00.000+08:00',
  '2026-03-01T08:00:00.0Z',
  '2026-03-01T08:00:00.000000+00:00',
  '2026-03-01T08:00:00.000000000Z',
])('a start at %s is understood', (started_at) => {
  expect(readQueryEvent({ ...event, started_at }).startedAt).toBe(Date.UTC(2026, 2, 1, 8));
});

test('an event without a state is one before the first query', () => {
  const { state: _, ...others } = event;

  expect(readQueryEvent(others).memory).toStrictEqual(noMemory);
});

test('the input of an event may be anything, and is left as it is', () => {
  for (const input of [null, 'x', [1], { ticket: 5 }]) {
    expect(readQueryEvent({ ...event, input }).input).toStrictEqual(input);
  }
});

test.for([
  ['no object', null],
  ['no execution', { ...event, execution_id: undefined }],
  ['a number for the execution', { ...event, execution_id: 5 }],
  ['no start', { ...event, started_at: undefined }],
  ['a number for the start', { ...event, started_at: 1772352000250 }],
  ['a start that is no time', { ...event, started_at: 'yesterday' }],
  ['a start in a month that is none', { ...event, started_at: '2026-13-01T08:00:00Z' }],
  ['a start in nobody knows which zone', { ...event, started_at: '2026-03-01T08:00:00' }],
  ['a start that is written otherwise', { ...event, started_at: 'Sun, 01 Mar 2026 08:00:00 GMT' }],
  ['no input', { ...event, input: undefined }],
] as const)('an event with %s is broken', ([, broken]) => {
  expect(() => readQueryEvent(broken)).toThrow();
});

test('a success is told as the contract shows it', () => {
  const { outcome, error, cause, output } = queryResult(succeeded(['2000']), failing);

  expect({ outcome, error, cause }).toEqual({ outcome: 'succeeded', error: '', cause: '' });
  expect(JSON.stringify(output, null, 1)).toBe(
    JSON.stringify(
      {
        ticket: '7369583175086912356',
        profile: 'default',
        status: 'succeeded',
        job_status: 0,
        complete: false,
        document: { type: 'sheet', token: 'Fm7o…', url: 'https://example.feishu.cn/sheets/Fm7o…' },
        warnings: [
          {
            code: '2000',
            applies_to: 'sheet',
            meaning: 'too many columns; the rest was cut off',
            meaning_zh: '表格列数超过最大限制',
          },
        ],
        queries: 6,
        elapsed_seconds: 14,
      },
      null,
      1,
    ),
  );
});

test('a success without warnings is complete', () => {
  const { output } = queryResult(succeeded([]), failing);

  expect(output).toMatchObject({ complete: true, warnings: [] });
});

test('a notice that nobody knows is kept as a warning', () => {
  const { output } = queryResult(succeeded(['4711']), failing);

  expect(output).toMatchObject({
    complete: false,
    warnings: [
      {
        code: '4711',
        applies_to: 'unknown',
        meaning: 'undocumented notice 4711',
        meaning_zh: '飞书文档未说明的提示码 4711',
      },
    ],
  });
});

test('a document keeps its keys though Feishu did not tell all', () => {
  const { output } = queryResult(succeeded([], { type: undefined, url: undefined }), failing);

  expect(output).toMatchObject({ document: { type: null, token: 'Fm7o…', url: null } });
});

const allDetails = {
  jobStatus: 3,
  jobErrorMsg: 'conflict 232140101',
  conflictCode: 232140101,
  code: 0,
  msg: 'success',
  httpStatus: 200,
  logId: '2026030108000000',
};

test('a failure names its error, and tells all that is known of it in one line', () => {
  const { outcome, error, cause, output } = queryResult(
    failed('Import.FolderConflict', allDetails),
    failing,
  );

  expect({ outcome, error, output }).toEqual({
    outcome: 'failed',
    error: 'Import.FolderConflict',
    output: {},
  });
  expect(cause).toBe(
    JSON.stringify({
      message: 'It failed.',
      message_zh: '失败了。',
      advice: errorCatalogue['Import.FolderConflict'].advice.en,
      advice_zh: errorCatalogue['Import.FolderConflict'].advice.zh,
      ticket,
      retryable: false,
      reimport: true,
      job_status: 3,
      job_error_msg: 'conflict 232140101',
      conflict_code: 232140101,
      code: 0,
      msg: 'success',
      http_status: 200,
      log_id: '2026030108000000',
      queries: 6,
      elapsed_seconds: 14,
    }),
  );
});

test('a cause leaves out what is not known', () => {
  const { cause } = queryResult(failed('Feishu.Unavailable'), failing);

  expect(Object.keys(JSON.parse(cause))).toEqual([
    'message',
    'message_zh',
    'advice',
    'advice_zh',
    'ticket',
    'retryable',
    'reimport',
    'queries',
    'elapsed_seconds',
  ]);
});

test('a cause stays on one line, whatever Feishu says', () => {
  const { cause } = queryResult(failed('Feishu.Rejected', { msg: 'one\r\ntwo\u2028' }), failing);

  expect(cause).not.toMatch(/[\r\n]/);
  expect(JSON.parse(cause).msg).toBe('one\r\ntwo\u2028');
});

const names = Object.keys(errorCatalogue) as ErrorName[];
const verdicts = names.filter((name) => name.startsWith('Import.') && name !== 'Import.TimedOut');

test.for(verdicts)('%s is returned to those who want it returned', (name) => {
  const { outcome, error, cause, output } = queryResult(failed(name, { jobStatus: 3 }), returning);

  expect({ outcome, error, cause }).toEqual({ outcome: 'succeeded', error: '', cause: '' });
  expect(output).toMatchObject({ status: 'failed', error: { name } });
});

test.for(names.filter((name) => !verdicts.includes(name)))('%s is never returned', (name) => {
  const { outcome, error, output } = queryResult(failed(name), returning);

  expect({ outcome, error, output }).toEqual({ outcome: 'failed', error: name, output: {} });
});

test.for(names)('%s fails the execution of everybody else', (name) => {
  expect(queryResult(failed(name), failing)).toMatchObject({ outcome: 'failed', error: name });
});

test('a returned failure has the keys of the resource, and none of a success', () => {
  const decision = failed('Import.FolderConflict', allDetails);

  const { output } = overTheWire(queryResult(decision, returning));

  expect(output).toStrictEqual({
    ticket,
    profile: 'default',
    status: 'failed',
    job_status: 3,
    error: {
      name: 'Import.FolderConflict',
      ...JSON.parse(queryResult(decision, failing).cause),
    },
    queries: 6,
    elapsed_seconds: 14,
  });
  expect(Object.keys(output.error).slice(0, 2)).toEqual(['name', 'message']);
});

const decisions = [pending, succeeded([]), succeeded(['2000']), failed('Import.TimedOut')];
const anything = fc.oneof(fc.integer(), fc.double(), fc.jsonValue());
const anyQuery = fc.record(
  Object.fromEntries(Object.keys(remembered).map((key) => [key, anything])),
  { requiredKeys: [] },
);

test('whatever is remembered, the step returns the same fields of the same types', () => {
  fc.assert(
    fc.property(anyQuery, fc.constantFrom(...decisions), (query, decision) => {
      const known = memoryIn(JSON.parse(JSON.stringify({ query })));
      const result = overTheWire(queryResult({ ...decision, memory: known }, failing));

      const { outcome, error, cause, output, ...counters } = result;
      expect([outcome, error, cause, output].map((value) => typeof value)).toEqual([
        'string',
        'string',
        'string',
        'object',
      ]);
      expect(Object.keys(counters).sort()).toEqual(Object.keys(remembered).sort());
      expect(Object.values(counters).filter((value) => typeof value !== 'number')).toEqual([]);
    }),
  );
});

test('whatever is remembered, the wait and the status returned are integers', () => {
  fc.assert(
    fc.property(anyQuery, fc.constantFrom(...decisions), (query, decision) => {
      const known = memoryIn({ query });
      const { wait_seconds, job_status } = queryResult({ ...decision, memory: known }, failing);

      expect(wait_seconds).toSatisfy(Number.isInteger);
      expect(wait_seconds).toBeGreaterThanOrEqual(1);
      expect(job_status).toSatisfy(Number.isInteger);
    }),
  );
});

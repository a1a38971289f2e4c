import { expect, test } from 'vitest';
import type { Execution } from '../../functions/executions/executions.ts';
import { importResource, isDecided } from '../../functions/executions/import-resource.ts';
import documented from '../reference/import-codes.json' with { type: 'json' };

const ticket = '7369583175086912356';
const running: Execution = {
  id: 'default_7369583175086912356_1',
  status: 'RUNNING',
  startedAt: new Date('2026-11-22T13:00:37.967Z'),
  finishedAt: undefined,
  input: JSON.stringify({ ticket, request_id: 'request' }),
  output: undefined,
  error: undefined,
  cause: undefined,
};
const ended = { ...running, finishedAt: new Date('2026-11-22T13:00:51.2Z') };
const whose = {
  id: 'default_7369583175086912356_1',
  ticket,
  profile: 'default',
  started_at: '2026-11-22T13:00:37.967Z',
  finished_at: '2026-11-22T13:00:51.200Z',
};
const output = {
  ticket,
  profile: 'default',
  status: 'succeeded',
  job_status: 0,
  complete: false,
  document: { type: 'sheet', token: 'Fm7o', url: null },
  warnings: [{ code: '2000', applies_to: 'sheet', meaning: 'cut off', meaning_zh: '超过' }],
  queries: 6,
  elapsed_seconds: 14,
};
const cause = {
  message: 'Feishu could not import the file.',
  message_zh: '飞书未能导入该文件。',
  advice: 'Remove the password.',
  advice_zh: '请移除密码。',
  ticket,
  retryable: false,
  reimport: false,
  job_status: 100,
  job_error_msg: 'encrypted',
  conflict_code: 232140101,
  code: 1,
  msg: 'm',
  http_status: 200,
  log_id: '2026',
  queries: 3,
  elapsed_seconds: 5,
};

function failed(error: string | undefined, text: string | undefined): Execution {
  return { ...ended, status: 'FAILED', error, cause: text };
}

function succeeded(result: unknown): Execution {
  return { ...ended, status: 'SUCCEEDED', output: JSON.stringify(result) };
}

test('tells of a running import whose it is and since when', () => {
  expect(importResource(running)).toEqual({ ...whose, finished_at: null, status: 'running' });
});

test('tells how far a running import is', () => {
  const progress = {
    queries: 2,
    job_status: 2,
    meaning: 'task is being processed',
    meaning_zh: '处理中',
    next_query_at: '2026-11-22T13:00:41.000Z',
  };

  expect(importResource(running, progress)).toEqual({
    ...whose,
    finished_at: null,
    status: 'running',
    progress,
  });
});

test('tells of an import that succeeded what the execution returned', () => {
  expect(importResource(succeeded(output))).toEqual({ ...output, ...whose });
});

test('tells of a failure that the execution returned instead of failing with it', () => {
  const error = { name: 'Import.FileEncrypted', ...cause };
  const returned = { ticket, profile: 'default', status: 'failed', job_status: 100, error };

  expect(importResource(succeeded({ ...returned, queries: 3, elapsed_seconds: 5 }))).toEqual({
    ...whose,
    status: 'failed',
    job_status: 100,
    error,
    queries: 3,
    elapsed_seconds: 5,
  });
});

test('tells of an import that failed its error and every key of the Cause', () => {
  expect(importResource(failed('Import.FileEncrypted', JSON.stringify(cause)))).toEqual({
    ...whose,
    status: 'failed',
    job_status: 100,
    error: { name: 'Import.FileEncrypted', ...cause },
    queries: 3,
    elapsed_seconds: 5,
  });
});

test('tells of an import that was not finished in time that it timed out', () => {
  const resource = importResource(failed('Import.TimedOut', JSON.stringify(cause)));

  expect(resource).toMatchObject({ status: 'timed_out', error: { name: 'Import.TimedOut' } });
});

test.for([
  ['a foreign error', 'States.Runtime', 'no such path', 'States.Runtime: no such path'],
  ['a foreign error with a Cause like ours', 'Other.Error', '{"message":"m"}', undefined],
  ['a Cause that is no JSON', 'Feishu.Rejected', 'plain text', 'Feishu.Rejected: plain text'],
  ['a Cause with other keys', 'Feishu.Rejected', '{"errorMessage":"m"}', undefined],
  ['a Cause that is JSON, but no object', 'Feishu.Rejected', 'null', undefined],
  ['no Cause', 'Feishu.Rejected', undefined, 'Feishu.Rejected'],
  ['neither', undefined, undefined, 'The execution failed and says nothing of why.'],
  ['the name of an object method', 'toString', JSON.stringify(cause), undefined],
] as const)(
  'of a failure with %s it keeps the text, as Internal.Error',
  ([, error, text, message = `${error}: ${text}`]) => {
    const resource = importResource(failed(error, text));

    expect(resource).toEqual({
      ...whose,
      status: 'failed',
      error: {
        name: 'Internal.Error',
        message,
        message_zh: expect.stringMatching(/。$/),
        ticket: whose.ticket,
        advice: expect.any(String),
        advice_zh: expect.any(String),
        retryable: true,
        reimport: false,
      },
    });
  },
);

test('reads an output that another version wrote by its status alone', () => {
  const newer = { status: 'succeeded', job_status: 'done', warnings: [{ code: 5 }], new_key: 1 };

  const resource = importResource(succeeded(newer));

  expect(resource).toEqual({ ...whose, status: 'succeeded' });
  expect(isDecided(resource)).toBe(true);
});

test('keeps a failure that only another version has a name for', () => {
  const newer = { message: 'm', retryable: true, reimport: true };

  expect(importResource(failed('Import.Newer', JSON.stringify(newer)))).toMatchObject({
    status: 'failed',
    error: { name: 'Import.Newer', ...newer },
  });
});

test('takes an output it cannot read for a failure, and keeps it', () => {
  const resource = importResource(succeeded({ foreign: true }));

  expect(resource).toMatchObject({
    status: 'failed',
    error: { name: 'Internal.Error', message: '{"foreign":true}' },
  });
});

test('takes an execution that AWS ended for its age for a timed-out import', () => {
  const resource = importResource({ ...ended, status: 'TIMED_OUT' });

  expect(resource).toEqual({
    ...whose,
    status: 'timed_out',
    error: {
      name: 'Import.TimedOut',
      message: expect.stringContaining('Step Functions ended the execution'),
      message_zh: expect.stringContaining('Step Functions'),
      advice: expect.any(String),
      advice_zh: expect.any(String),
      ticket,
      retryable: true,
      reimport: false,
    },
  });
});

test('takes an execution that was stopped for a cancelled import', () => {
  const resource = importResource({ ...ended, status: 'ABORTED', error: 'E', cause: 'c' });

  expect(resource).toEqual({ ...whose, status: 'cancelled' });
});

test.for([
  ['', null, null],
  ['not JSON', null, null],
  ['[]', null, null],
  ['5', null, null],
  ['null', null, null],
  ['{}', null, 'default'],
  ['{"ticket":7369583175086912356}', null, 'default'],
  ['{"ticket":"a","profile":"No Profile"}', 'a', null],
  ['{"ticket":"a","profile":"other","more":1}', 'a', 'other'],
] as const)('reads the input %s', ([input, expectedTicket, expectedProfile]) => {
  const resource = importResource({ ...running, input });

  expect(resource).toMatchObject({ ticket: expectedTicket, profile: expectedProfile });
});

test('tells the ticket of the input, whatever the output says', () => {
  const resource = importResource(succeeded({ ...output, ticket: 'other', profile: 'other' }));

  expect(resource).toMatchObject({ ticket, profile: 'default' });
});

const failures = documented.job_status.filter(({ outcome }) => outcome === 'failed');

test.for(failures.map(({ code }) => code))('job_status %i is decided', (job_status) => {
  const text = JSON.stringify({ ...cause, job_status });

  expect(isDecided(importResource(failed('Import.InternalError', text)))).toBe(true);
});

test('a success is decided', () => {
  expect(isDecided(importResource(succeeded(output)))).toBe(true);
});

test.for([
  ['an undocumented job_status', failed('Import.UnknownStatus', causeWith({ job_status: 999 }))],
  ['a time limit', failed('Import.TimedOut', causeWith({ job_status: 2 }))],
  ['an API error', failed('Feishu.Rejected', causeWith({ job_status: undefined, code: 100 }))],
  ['an outage while it was running', failed('Feishu.Unavailable', causeWith({ job_status: 2 }))],
  ['something broken', failed('States.Runtime', 'no such path')],
  ['a cancellation', { ...ended, status: 'ABORTED' as const }],
  ["AWS's own time limit", { ...ended, status: 'TIMED_OUT' as const }],
  ['nothing yet', running],
] as const)('an import that ended by %s is not decided', ([, execution]) => {
  expect(isDecided(importResource(execution))).toBe(false);
});

function causeWith(changes: object): string {
  return JSON.stringify({ ...cause, ...changes });
}

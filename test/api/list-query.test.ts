import { expect, test } from 'vitest';
import { listQuery } from '../../functions/api/list-query.ts';
import { Problem } from '../../functions/api/problem.ts';
import { apiEvent } from '../test-workflow.ts';

function queryOf(query?: Record<string, string>) {
  return listQuery(apiEvent('GET /imports', query && { query }));
}

/** The errors of a query, as its caller is told. */
function errorsOf(query?: Record<string, string>) {
  try {
    queryOf(query);
  } catch (error) {
    if (error instanceof Problem && error.status === 400) return error.errors;
    throw error;
  }
  throw new Error('It was taken');
}

test('lists the runs of a ticket, of the profile default', () => {
  expect(queryOf({ ticket: 'a' })).toEqual({ by: 'ticket', ticket: 'a', profile: 'default' });
});

test('lists the runs of a ticket, of another profile', () => {
  const query = { ticket: 'a', profile: 'other' };

  expect(queryOf(query)).toEqual({ by: 'ticket', ...query });
});

test.for(['running', 'succeeded', 'failed', 'cancelled'])(
  'lists the imports that are %s',
  (status) => {
    expect(queryOf({ status })).toEqual({ by: 'status', status });
  },
);

test('lists the next page', () => {
  const query = { status: 'failed', cursor: 'c' };

  expect(queryOf(query)).toEqual({ by: 'status', ...query });
});

const nameOne =
  'name what to list: ?ticket=… (and profile=…) for the runs of a ticket, or ?status=running|succeeded|failed|cancelled (and cursor=…) for all imports';
const wrongTicket =
  'ticket must be 1 to 64 letters, digits, "-" and "_", exactly as Feishu gave it';
const wrongStatus = 'status must be running, succeeded, failed or cancelled';
const wrongCursor = 'cursor must be one that a list gave, unchanged';

test.for([
  ['neither', undefined, '', nameOne],
  ['a profile alone', { profile: 'other' }, '', nameOne],
  [
    'both',
    { ticket: 'a', status: 'failed' },
    '',
    nameOne.replace('what to list', 'one of the two'),
  ],
  ['an empty ticket', { ticket: '' }, 'ticket', wrongTicket],
  ['two tickets', { ticket: 'a,b' }, 'ticket', wrongTicket],
  ['an empty status', { status: '' }, 'status', wrongStatus],
  ['the status of another list', { status: 'timed_out' }, 'status', wrongStatus],
  ["Step Functions' own status", { status: 'RUNNING' }, 'status', wrongStatus],
  ['an empty cursor', { status: 'failed', cursor: '' }, 'cursor', wrongCursor],
  ['a long cursor', { status: 'failed', cursor: 'c'.repeat(3097) }, 'cursor', wrongCursor],
  [
    'a cursor of runs',
    { ticket: 'a', cursor: 'c' },
    'cursor',
    '"cursor" is not known here; known are ticket, profile',
  ],
  [
    'an unknown key',
    { ticket: 'a', limit: '5' },
    'limit',
    '"limit" is not known here; known are ticket, profile',
  ],
  [
    'a profile with a status',
    { status: 'failed', profile: 'x' },
    'profile',
    '"profile" is not known here; known are status, cursor',
  ],
] as const)('refuses %s', ([, query, path, message]) => {
  expect(errorsOf(query)).toEqual([{ path, message }]);
});

test('refuses a profile that is none', () => {
  expect(errorsOf({ ticket: 'a', profile: 'No Profile' })).toEqual([
    { path: 'profile', message: expect.stringContaining('profile must be') },
  ]);
});

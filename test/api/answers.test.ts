import { expect, test } from 'vitest';
import { importAnswer } from '../../functions/api/answers.ts';
import type { ImportResource } from '../../functions/executions/import-resource.ts';

const now = Date.parse('2026-11-22T13:00:00Z');
const ended: ImportResource = {
  id: 'default_a_1',
  ticket: 'a',
  profile: 'default',
  status: 'succeeded',
  started_at: '2026-11-22T12:00:00.000Z',
  finished_at: '2026-11-22T12:30:00.000Z',
};

function runningUntil(nextQueryAt: number): ImportResource {
  const next_query_at = new Date(nextQueryAt).toISOString();
  const progress = { queries: 1, job_status: 1, meaning: 'm', meaning_zh: 'm', next_query_at };
  return { ...ended, status: 'running', finished_at: null, progress };
}

test.for([
  [0, '5'],
  [-60, '5'],
  [4, '5'],
  [4.001, '6'],
  [20, '21'],
  [3600, '3601'],
] as const)('a query in %d s is worth another look in %s s', ([seconds, retryAfter]) => {
  const { headers } = importAnswer(200, runningUntil(now + seconds * 1000), now);

  expect(headers).toMatchObject({ 'retry-after': retryAfter });
});

test('an import whose progress is not known is worth another look in 5 s', () => {
  const { headers } = importAnswer(200, { ...ended, status: 'running' }, now);

  expect(headers).toMatchObject({ 'retry-after': '5' });
});

test('an import that has ended is worth no other look', () => {
  const { headers } = importAnswer(200, ended, now);

  expect(headers).toEqual({ 'content-type': 'application/json', 'cache-control': 'no-store' });
});

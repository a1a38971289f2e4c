import { expect, test } from 'vitest';
import { scriptOfTicket } from '../../infra/local/ticket-scripts.ts';

const last = { fromSeconds: 4 };

test.for([
  ['7369583175086912356', { job_status: 0, type: 'sheet' }],
  ['report-status-100', { job_status: 100 }],
  ['status-7002', { job_status: 7002 }],
  ['report_notice-1000', { job_status: 0, type: 'docx', extra: ['1000'] }],
])('%s ends as its last words say', ([ticket, result]) => {
  expect(scriptOfTicket(ticket as string)).toMatchObject({
    timeline: [{}, {}, { ...last, reply: { result } }],
  });
});

test('a code is answered from the first query on', () => {
  expect(scriptOfTicket('a-code-1069902')).toEqual({ replies: [{ error: { code: 1069902 } }] });
});

test('a ticket that ends in never is never done', () => {
  expect(scriptOfTicket('wait-never')).toEqual({ replies: [{ result: { job_status: 2 } }] });
});

import { importNotice } from '../../functions/core/import-notices.ts';
import type { Script } from './feishu-simulator.ts';

function documentOf(type: string) {
  const token = 'Fm7osyjtMh5o7Ktrv32c73abcef';
  return { type, token, url: `https://example.feishu.cn/${type}/${token}` };
}

/**
 * What the simulator of `npm start` makes of a ticket that nobody scripted: its last words say, so
 * that every outcome can be tried with curl alone.
 */
export function scriptOfTicket(ticket: string): Script {
  const [, word, code = ''] = /(?:^|[-_])(status|notice|code)-(\d+)$/.exec(ticket) ?? [];
  switch (word) {
    case 'status':
      return afterSomeSeconds({ job_status: Number(code), job_error_msg: `simulated ${code}` });
    case 'notice':
      return afterSomeSeconds({
        job_status: 0,
        ...documentOf(importNotice(code).appliesTo),
        extra: [code],
      });
    case 'code':
      return { replies: [{ error: { code: Number(code) } }] };
    default:
      return ticket.endsWith('never')
        ? { replies: [{ result: { job_status: 2 } }] }
        : afterSomeSeconds({ job_status: 0, ...documentOf('sheet') });
  }
}

function afterSomeSeconds(result: Record<string, unknown>): Script {
  return {
    timeline: [
      { fromSeconds: 0, reply: { result: { job_status: 1 } } },
      { fromSeconds: 1, reply: { result: { job_status: 2 } } },
      { fromSeconds: 4, reply: { result } },
    ],
  };
}

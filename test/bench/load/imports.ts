import assert from 'node:assert/strict';
import type { ImportResource } from '../../../functions/executions/import-resource.ts';
import type { Reply } from '../../../infra/local/feishu-simulator.ts';

/** What Feishu says of the n-th import at last, and how it must end. */
export function endOf(number: number): { reply: Reply; expected: object } {
  const token = `token-of-${number}`;
  const ends: { reply: Reply; expected: object }[] = [
    {
      reply: { result: { job_status: 0, token, url: 'https://example.feishu.cn/' } },
      expected: { status: 'succeeded', complete: true, document: { token } },
    },
    {
      reply: { result: { job_status: 0, token, extra: ['2000'] } },
      expected: { status: 'succeeded', complete: false, document: { token } },
    },
    {
      reply: { result: { job_status: 100 } },
      expected: { status: 'failed', error: { name: 'Import.FileEncrypted' } },
    },
    {
      reply: { error: { code: 1069902 } },
      expected: { status: 'failed', error: { name: 'Feishu.NoPermission' } },
    },
  ];
  return ends[number % ends.length] as (typeof ends)[number];
}

export const ticketOf = (number: number) => `ticket-${number}`;

export function endedRight(number: number, resource: unknown): boolean {
  try {
    const { expected } = endOf(number);
    assert.partialDeepStrictEqual(resource, { ticket: ticketOf(number), ...expected });
    return true;
  } catch {
    return false;
  }
}

export async function post(url: string, ticket: string): Promise<ImportResource> {
  const response = await fetch(`${url}/imports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ticket }),
  });
  const answer = await response.json();
  if (response.status !== 202) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
  return answer as ImportResource;
}

export async function get(url: string, ticket: string): Promise<unknown> {
  return (await fetch(`${url}/imports/default_${ticket}_1`)).json();
}

/** Does something with each number below, some at a time. */
export async function each(
  count: number,
  atOnce: number,
  work: (number: number) => Promise<unknown>,
): Promise<void> {
  const left = Array.from({ length: count }, (_, number) => number).values();
  async function workOff() {
    for (const number of left) await work(number);
  }
  await Promise.all(Array.from({ length: atOnce }, workOff));
}

import { httpClient } from '../../../functions/feishu/exchange.ts';
import { leanestHandler } from './leanest.ts';

const client = httpClient({ allowH2: false });

/** Over the same parts of undici as ours. */
export const handler = leanestHandler(async (url, method, headers, body) => {
  const request = { method, headers, body: body ?? null, milliseconds: 8000 };
  const answer = await client.exchange(url, request);
  if ('error' in answer) throw answer.error;
  return answer.body;
});

import { undiciClient } from '../../../functions/feishu/undici-client.ts';
import { leanestHandler } from './leanest.ts';

const client = undiciClient({
  timeoutMs: 8000,
  mostConnections: 128,
  keptMs: 4000,
  longestBody: 1024 * 1024,
});

/** Over the same parts of undici as ours. */
export const handler = leanestHandler(async (url, method, headers, body) => {
  const request = { method, headers, body: body ?? null, milliseconds: 8000 };
  const answer = await client.exchange(url, request);
  if ('error' in answer) throw answer.error;
  return answer.body;
});

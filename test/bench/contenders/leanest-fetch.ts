import { leanestHandler } from './leanest.ts';

export const handler = leanestHandler(async (url, method, headers, body) => {
  const signal = AbortSignal.timeout(8000);
  const answer = await fetch(url, { method, headers, signal, ...(body && { body }) });
  return answer.text();
});

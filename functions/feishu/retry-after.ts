import type { IncomingHttpHeaders } from 'node:http';

/**
 * Seconds that the answer asks us to wait: `x-ogw-ratelimit-reset` (whole or fractional seconds),
 * else `retry-after` (seconds or a date). 0 where neither says anything that makes sense.
 */
export function retryAfterSeconds(headers: IncomingHttpHeaders, nowMs: number): number {
  const reset = seconds(first(headers['x-ogw-ratelimit-reset']));
  if (reset > 0) return reset;

  const retryAfter = first(headers['retry-after']);
  const dated = (Date.parse(retryAfter) - nowMs) / 1000;
  return seconds(retryAfter) || (dated > 0 ? dated : 0);
}

function first(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value)?.trim() ?? '';
}

function seconds(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
}

import type { IncomingHttpHeaders } from 'node:http';

/**
 * Seconds that the answer asks us to wait: `x-ogw-ratelimit-reset` (whole or fractional seconds),
 * else `retry-after` (seconds or a date). 0 where neither says anything that makes sense.
 */
export function retryAfterSeconds(headers: IncomingHttpHeaders, nowMs: number): number {
  const reset = seconds(first(headers['x-ogw-ratelimit-reset']));
  if (reset > 0) return reset;

  const retryAfter = first(headers['retry-after']);
  return seconds(retryAfter) || secondsUntil(retryAfter, nowMs);
}

function first(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value)?.trim() ?? '';
}

function seconds(text: string): number {
  return /^\d{1,9}(\.\d+)?$/.test(text) ? Number(text) : 0;
}

/** `Date.parse` finds a year in almost any text with a number, and HTTP writes all its dates in GMT. */
function secondsUntil(date: string, nowMs: number): number {
  const seconds = / GMT$/.test(date) ? (Date.parse(date) - nowMs) / 1000 : 0;
  return seconds > 0 ? seconds : 0;
}

import { createRateLimiter } from '../../../infra/local/feishu-simulator/rate-limiter.ts';
import type { Told } from './contender.ts';

/** What Feishu answers at a moment of the simulation, so long after (or before) an import is done. */
export type Feishu = { answer: (seconds: number, secondsSinceDone: number) => Told };

export type Conditions = {
  /** The real ones: the same limiter as in the simulated Feishu of `npm start`. */
  limited?: boolean;
  /** From when until when nothing but 503 comes. */
  outage?: { fromSeconds: number; toSeconds: number };
  /** How long before the document is there `job_status` is 0 already. */
  tokenDelaySeconds?: number;
};

const realLimits = { perSecond: 50, perMinute: 1000 };

export function createFeishu({
  limited = false,
  outage = { fromSeconds: 0, toSeconds: 0 },
  tokenDelaySeconds = 0,
}: Conditions = {}): Feishu {
  let now = 0;
  const admit = createRateLimiter(() => now * 1000, realLimits);

  return {
    answer(seconds, secondsSinceDone) {
      now = seconds;
      if (seconds >= outage.fromSeconds && seconds < outage.toSeconds) {
        return { kind: 'unavailable' };
      }
      const refusal = limited ? admit('app') : undefined;
      if (refusal) return { kind: 'rate_limit', resetSeconds: refusal.resetSeconds };
      if (secondsSinceDone >= 0) return { kind: 'done' };
      return { kind: secondsSinceDone < -tokenDelaySeconds ? 'running' : 'done_without_token' };
    },
  };
}

import { readFileSync } from 'node:fs';
import { jitter } from '../../../functions/core/jitter.ts';
import type { Contender, Next, Told } from './contender.ts';

/** A peer's schedule as data: the delay before poll k+1 after poll k, in seconds, and when it stops. */
export type PeerSchedule = {
  id: string;
  name: string;
  first: number;
  maxPolls?: number;
  /** No wait may end later. */
  maxSeconds?: number;
  /** What a request that failed, or was refused, does to the loop. */
  onError: 'continue' | 'stop';
  /** After the n-th rate limit in a row. */
  onRateLimit?: { wait: number; mult: number };
  honourRetryAfter?: boolean;
  /** `job_status` 0 without a token is told as an end (a success, or a failure). Default: it goes on. */
  doneWithoutToken?: 'misreport';
  /** A running import is told as an end once the polls or the time are up. Default: it gives up, and says so. */
  whenUp?: 'misreport';
  /** Default: the three of a loop of Wait, Task and Choice. */
  transitionsPerPoll?: number;
} & (
  | { type: 'const'; d: number }
  /** [last k, delay], the last one open-ended. */
  | { type: 'steps'; steps: [number | null, number][] }
  | { type: 'linear'; base: number; inc: number }
  | {
      type: 'exp';
      base: number;
      mult: number;
      cap: number;
      jitter?: 'full' | 'min..value';
      capJitter?: boolean;
      minDelay?: number;
    }
);

export const peerSchedules: PeerSchedule[] = JSON.parse(
  readFileSync(new URL('peers.json', import.meta.url), 'utf8'),
);

/** The peer as it is. */
export function peer(schedule: PeerSchedule): Contender {
  const { id, name, first, transitionsPerPoll = 3 } = schedule;
  return {
    id,
    name,
    waitFor: (importName) => ({
      firstWaitSeconds: first,
      next: startPolling(schedule, importName),
    }),
    transitions: (queries) => transitionsPerPoll * queries + 1,
  };
}

/** The peer, if only it never gave up. It is better than it is, and so a harder thing to beat. */
export function tirelessPeer({
  maxPolls: _,
  maxSeconds: __,
  ...schedule
}: PeerSchedule): Contender {
  return peer({ ...schedule, onError: 'continue' } as PeerSchedule);
}

function startPolling(schedule: PeerSchedule, importName: string) {
  const { maxPolls = Number.POSITIVE_INFINITY, maxSeconds = Number.POSITIVE_INFINITY } = schedule;
  const whenUp: Next = { kind: schedule.whenUp ? 'misreported' : 'gave_up' };
  let polls = 0;
  let rateLimits = 0;

  return (told: Told, elapsedSeconds: number): Next => {
    polls += 1;
    rateLimits = told.kind === 'rate_limit' ? rateLimits + 1 : 0;
    if (told.kind === 'done') return { kind: 'found' };
    if (told.kind === 'done_without_token' && schedule.doneWithoutToken) {
      return { kind: 'misreported' };
    }
    const isError = told.kind === 'rate_limit' || told.kind === 'unavailable';
    if (isError && schedule.onError === 'stop') return { kind: 'gave_up' };
    if (polls >= maxPolls) return whenUp;

    const seconds =
      waitAsToldTo(schedule, told, rateLimits) ??
      delayAfter(schedule, polls, () => jitter(`${schedule.id} ${importName} ${polls}`));
    return elapsedSeconds + seconds > maxSeconds ? whenUp : { kind: 'wait', seconds };
  };
}

function waitAsToldTo({ onRateLimit, honourRetryAfter }: PeerSchedule, told: Told, limits: number) {
  if (told.kind !== 'rate_limit') return undefined;
  if (onRateLimit) return onRateLimit.wait * onRateLimit.mult ** (limits - 1);
  return honourRetryAfter ? told.resetSeconds : undefined;
}

/** Seconds between poll k and the next. */
export function delayAfter(schedule: PeerSchedule, k: number, random: () => number): number {
  switch (schedule.type) {
    case 'const':
      return schedule.d;
    case 'steps':
      return schedule.steps.find(([last]) => last === null || k <= last)?.[1] ?? 0;
    case 'linear':
      return schedule.base + schedule.inc * k;
    case 'exp': {
      const { base, mult, cap, capJitter = true, minDelay = 0 } = schedule;
      const value = Math.min(base * mult ** (k - 1), cap);
      if (value === cap && !capJitter) return cap;
      if (schedule.jitter === 'full') return Math.max(minDelay, Math.round(random() * value));
      if (schedule.jitter === 'min..value') return base + random() * (value - base);
      return value;
    }
  }
}

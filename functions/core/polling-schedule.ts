/** In seconds, but for the shares `growth`, `spread`, `widening` and `expectedShare`, and the counts `mostCongestion`, `outageQueries`, `manyQueries` and `maxQueries`. */
export const schedule = {
  /**
   * The next wait is this times the square root of the time elapsed. Nobody knows whether a ticket takes
   * a second or an hour, and what is still running is the likelier to go on the longer it has run: the
   * wait that balances queries against lag then grows with the square root. (`npm run bench:polling`)
   */
  growth: 2.6,
  /** Between these two. */
  shortest: 2,
  longest: 300,
  /** Waits are stretched or shrunk by up to this share, so that imports started together drift apart. */
  spread: 0.15,
  /** Each refusal that is not yet answered for widens the waits by this share of themselves … */
  widening: 0.25,
  /** … of so many refusals at most. */
  mostCongestion: 8,
  /** The waits after a first refusal are spread over this long: mostly somebody asked a second too soon … */
  refusedSpread: 12,
  /** … and those after any further one, since so many ask that a minute is too short for all of them. */
  refusedAgainSpread: 120,
  /** The first query, as a share of the time that the caller expects. */
  expectedShare: 0.25,
  /**
   * In an outage (and while an `app_ticket` is awaited), until it has lasted for so many queries; then each
   * wait is so much longer, up to `longest`.
   */
  longestInOutage: 60,
  outageQueries: 20,
  outageStretch: 15,
  /** Feishu's limits count seconds and minutes, so a longer wait than this was never meant: it counts as a minute. */
  longestReset: 3600,
  /** More than a day of waiting takes: something fails all the time, and is no longer asked again at once. */
  manyQueries: 500,
  /** AWS ends an execution at 25,000 history events, and one loop writes nine. */
  maxQueries: 2500,
} as const;

/** What the schedule may know. Seconds count from the start of the execution. */
export type ScheduleContext = {
  elapsedSeconds: number;
  timeoutSeconds: number;
  expectedSeconds: number | undefined;
  /** How often Feishu has been asked, this time included. */
  queries: number;
  /** Refusals for asking too much, less the good answers since. */
  congestion: number;
  /** From 0 up to 1, the same whenever this step is repeated. */
  jitter: number;
};

/**
 * Seconds until the first query is due; 0 or less: now. Somebody who expects a long import saves
 * the queries that would come too early.
 */
export function secondsUntilFirstQuery({
  elapsedSeconds,
  timeoutSeconds,
  expectedSeconds = 0,
  jitter,
}: Pick<
  ScheduleContext,
  'elapsedSeconds' | 'timeoutSeconds' | 'expectedSeconds' | 'jitter'
>): number {
  const dueSeconds = spread(expectedSeconds * schedule.expectedShare, jitter);
  return Math.min(dueSeconds, timeoutSeconds) - elapsedSeconds;
}

/** The wait after an answer that says "not yet": whole seconds, at least 1. */
export function waitWhilePending(context: ScheduleContext): number {
  return bounded(Math.round(spread(ownWait(context), context.jitter)), context);
}

/**
 * The wait after the n-th transient failure in a row: twice as long each time, or as long as the
 * answer asked for, so that the last query is when the outage has lasted as long as it may.
 */
export function waitThroughOutage(
  {
    failuresInARow,
    retryAfterSeconds,
    outageSecondsLeft,
  }: { failuresInARow: number; retryAfterSeconds: number; outageSecondsLeft: number },
  context: ScheduleContext,
): number {
  const stretch = Math.max(failuresInARow - schedule.outageQueries, 0) * schedule.outageStretch;
  const most = Math.min(schedule.longestInOutage + stretch, schedule.longest);
  const first =
    context.queries > schedule.manyQueries ? schedule.longestInOutage : schedule.shortest;
  const backoff = Math.min(first * 2 ** (failuresInARow - 1), most);
  const own = Math.round(spread(backoff, context.jitter));
  const asked = plausible(retryAfterSeconds);
  // what was asked for is kept to, and a little more, so that not all come back at once
  const wait = asked > own ? asked * (1 + schedule.spread * context.jitter) : own;
  return bounded(Math.min(wait, outageSecondsLeft), context);
}

/**
 * The wait after the n-th rate limit in a row: until the limit resets, and never less than the
 * schedule's own wait. The jitter only adds, and far more after a second refusal in a row:
 * whoever was refused together must not come back together.
 */
export function waitOutRateLimit(
  resetSeconds: number,
  limitsInARow: number,
  context: ScheduleContext,
): number {
  const own = ownWait(context);
  const reset = plausible(resetSeconds);
  const wait = reset > own ? reset : own;
  const spreadSeconds = limitsInARow > 1 ? schedule.refusedAgainSpread : schedule.refusedSpread;
  // those whose deadline comes before the spread ends must not all ask at the deadline
  const secondsLeft = context.timeoutSeconds - context.elapsedSeconds;
  const room = Math.max(0, Math.min(spreadSeconds, secondsLeft - wait));
  return bounded(wait + context.jitter * room, context);
}

/** Seconds that an `app_ticket` is awaited. */
export const longestAppTicketWait = 600;

/** The wait while an `app_ticket` is on its way: as long again as it was waited for already. */
export function waitForAppTicket(waitedSeconds: number, context: ScheduleContext): number {
  const wait = Math.min(Math.max(waitedSeconds, schedule.shortest), schedule.longestInOutage);
  return bounded(
    Math.min(spread(wait, context.jitter), longestAppTicketWait - waitedSeconds),
    context,
  );
}

/** Whether nothing may come after this query: the time is up, or the queries are. */
export function isLastQuery({
  elapsedSeconds,
  timeoutSeconds,
  queries,
}: Pick<ScheduleContext, 'elapsedSeconds' | 'timeoutSeconds' | 'queries'>): boolean {
  return elapsedSeconds >= timeoutSeconds || queries >= schedule.maxQueries;
}

/** The seconds that an answer asks us to wait, as far as they can be meant. */
function plausible(seconds: number): number {
  return seconds > schedule.longestReset ? 60 : seconds;
}

/** What the time elapsed says, and more after refusals. */
function ownWait({ elapsedSeconds, congestion }: ScheduleContext): number {
  const widened = 1 + schedule.widening * Math.min(congestion, schedule.mostCongestion);
  const wait = schedule.growth * Math.sqrt(elapsedSeconds) * widened;
  return Math.min(Math.max(wait, schedule.shortest), schedule.longest);
}

function spread(seconds: number, jitter: number): number {
  return seconds * (1 + schedule.spread * (2 * jitter - 1));
}

/**
 * Whole seconds, at least 1, and never past the deadline, so that the last query is at the
 * deadline. Waits stretch as soon as the queries left would no longer reach it.
 */
function bounded(seconds: number, { elapsedSeconds, timeoutSeconds, queries }: ScheduleContext) {
  const secondsLeft = timeoutSeconds - elapsedSeconds;
  const queriesLeft = Math.max(schedule.maxQueries - queries, 1);
  const scarce = (queriesLeft - 1) * schedule.longest < secondsLeft;
  const wait = scarce ? Math.max(seconds, secondsLeft / queriesLeft) : seconds;
  return Math.max(1, Math.min(Math.ceil(wait), Math.ceil(secondsLeft)));
}

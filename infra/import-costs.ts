import { readFileSync } from 'node:fs';
import { waitWhilePending } from '../functions/core/polling-schedule.ts';

/** What an import costs that is finished so many seconds after its ticket is handed over. */
export type ImportCosts = {
  queries: number;
  transitions: number;
  /** Between Feishu being done and us knowing, at the worst. */
  lagSeconds: number;
  /** US dollars for a thousand such imports, and what Lambda has of them. */
  dollars: number;
  lambdaDollars: number;
};

const definition = JSON.parse(readFileSync(new URL('import.asl.json', import.meta.url), 'utf8'));
/** What the state machine waits before it asks for the first time. */
export const firstWaitSeconds: number = definition.States.WaitBeforeFirstQuery.Seconds;

/** US dollars, us-east-1, arm64. @see https://aws.amazon.com/step-functions/pricing/ and https://aws.amazon.com/lambda/pricing/ */
const prices = {
  transition: 0.025 / 1000,
  invocation: 0.2 / 1_000_000,
  gigabyteSecond: 0.000_013_333_4,
};

/** A warm query: 256 MB for as long as Feishu takes to answer. */
const querySeconds = 0.3;
const queryGigabytes = 0.25;

/** US dollars for so many transitions and queries, and what Lambda has of them. */
export function dollarsOf({ transitions, queries }: { transitions: number; queries: number }) {
  const lambda = prices.invocation + prices.gigabyteSecond * queryGigabytes * querySeconds;
  const lambdaDollars = queries * lambda;
  return { dollars: transitions * prices.transition + lambdaDollars, lambdaDollars };
}

/** The first wait; a query, a choice and a wait each time, but for the last wait; the end. */
export function transitionsOf(queries: number): number {
  return 1 + 3 * queries - 1 + 1;
}

/** Walks the schedule that ships, without jitter. */
export function importCosts(finishedAfterSeconds: number): ImportCosts {
  let elapsedSeconds = firstWaitSeconds;
  let queries = 1;
  let lagSeconds = elapsedSeconds;
  while (elapsedSeconds < finishedAfterSeconds) {
    lagSeconds = waitWhilePending({
      elapsedSeconds,
      timeoutSeconds: 86_400,
      expectedSeconds: undefined,
      queries,
      congestion: 0,
      jitter: 0.5,
    });
    elapsedSeconds += lagSeconds;
    queries += 1;
  }
  const transitions = transitionsOf(queries);
  const { dollars, lambdaDollars } = dollarsOf({
    transitions: 1000 * transitions,
    queries: 1000 * queries,
  });
  return { queries, transitions, lagSeconds, dollars, lambdaDollars };
}

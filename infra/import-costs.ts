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

/** US dollars, us-east-1, arm64. @see https://aws.amazon.com/step-functions/pricing/ and https://aws.amazon.com/lambda/pricing/ */
const prices = {
  transition: 0.025 / 1000,
  invocation: 0.2 / 1_000_000,
  gigabyteSecond: 0.000_013_333_4,
};

/** A warm query: 256 MB for as long as Feishu takes to answer. */
const querySeconds = 0.3;
const queryGigabytes = 0.25;

/** Walks the schedule that ships, without jitter. */
export function importCosts(finishedAfterSeconds: number): ImportCosts {
  let elapsedSeconds = 1;
  let queries = 1;
  let lagSeconds = elapsedSeconds;
  while (elapsedSeconds < finishedAfterSeconds) {
    lagSeconds = waitWhilePending({
      elapsedSeconds,
      timeoutSeconds: 86_400,
      expectedSeconds: undefined,
      queries,
      jitter: 0.5,
    });
    elapsedSeconds += lagSeconds;
    queries += 1;
  }
  // the first wait; a query, a choice and a wait each time, but for the last wait; the end
  const transitions = 1 + 3 * queries - 1 + 1;
  const lambda = prices.invocation + prices.gigabyteSecond * queryGigabytes * querySeconds;
  const lambdaDollars = 1000 * queries * lambda;
  const dollars = 1000 * transitions * prices.transition + lambdaDollars;
  return { queries, transitions, lagSeconds, dollars, lambdaDollars };
}

/** What a query is worth: as much as knowing two seconds earlier. */
export const secondsPerQuery = 2;

export type Bound = {
  cost: number;
  queries: number;
  lagSeconds: number;
  /** When to ask, at best. */
  querySeconds: number[];
};

/** Below this share of imports, what is left costs nothing that shows. */
const negligible = 1e-7;

/**
 * The least mean lag + price × mean queries that any fixed set of whole-second query times can have
 * when the distribution of the durations is known. From the last second to the first: having asked
 * at one second in vain, the next query is at the second from which on all costs least.
 */
export function clairvoyantBound(
  shareDone: (seconds: number) => number,
  price = secondsPerQuery,
): Bound {
  const horizon = horizonOf(shareDone);
  const { done, integral } = tabulate(shareDone, horizon);
  const at = (table: Float64Array, second: number) => table[second] as number;
  // of all imports, those that end between two queries wait so long for the second of them, on the whole
  const lagBetween = (from: number, to: number) =>
    at(integral, to) - at(integral, from) - (to - from) * at(done, from);

  const leastCost = new Float64Array(horizon + 1);
  const nextQuery = new Int32Array(horizon + 1);
  for (let from = horizon - 1; from >= 0; from--) {
    const query = price * (1 - at(done, from));
    let least = Number.POSITIVE_INFINITY;
    for (let to = from + 1; to <= horizon; to++) {
      const now = query + lagBetween(from, to);
      // the lag only grows from here
      if (now >= least) break;
      const cost = now + at(leastCost, to);
      if (cost < least) {
        least = cost;
        nextQuery[from] = to;
      }
    }
    leastCost[from] = least;
  }

  const querySeconds: number[] = [];
  let [queries, lagSeconds, last] = [0, 0, 0];
  while (last < horizon) {
    const next = nextQuery[last] as number;
    queries += 1 - at(done, last);
    lagSeconds += lagBetween(last, next);
    querySeconds.push(next);
    last = next;
  }
  return { cost: at(leastCost, 0), queries, lagSeconds, querySeconds };
}

/** The second at which as good as every import is done. */
function horizonOf(shareDone: (seconds: number) => number): number {
  let horizon = 1;
  while (1 - shareDone(horizon) > negligible && horizon < 86_400) {
    horizon = Math.ceil(horizon * 1.05);
  }
  return Math.min(horizon, 86_400);
}

/** At every whole second the share that is done, and its integral from 0 on. */
function tabulate(shareDone: (seconds: number) => number, horizon: number) {
  const pieces = 16;
  const done = Float64Array.from({ length: horizon + 1 }, (_, second) => shareDone(second));
  const integral = new Float64Array(horizon + 1);
  for (let second = 0; second < horizon; second++) {
    let sum = 0;
    for (let piece = 0; piece < pieces; piece++) {
      sum += shareDone(second + (piece + 0.5) / pieces);
    }
    integral[second + 1] = (integral[second] as number) + sum / pieces;
  }
  return { done, integral };
}

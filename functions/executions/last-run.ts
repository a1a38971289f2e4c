import type { ImportReader } from './import-reader.ts';
import type { ImportResource } from './import-resource.ts';

/**
 * The number of a ticket's last run, by looking whether some runs exist: about 2·log2(n) looks for
 * the n runs beyond the one that is `known` to exist (0: none is). Runs are numbered from 1 without
 * gaps, until AWS forgets the first of them: 90 days after its end a name is free again, and then so
 * is the ticket.
 */
export async function findLastRun(
  exists: (run: number) => Promise<boolean>,
  known = 0,
): Promise<number> {
  let there = known;
  let step = 1;
  while (await exists(there + step)) {
    there += step;
    step *= 2;
  }
  let missing = there + step;
  while (missing - there > 1) {
    const middle = Math.floor((there + missing) / 2);
    if (await exists(middle)) there = middle;
    else missing = middle;
  }
  return there;
}

/** Finds the last run, and keeps what was read of the runs on the way. */
export async function readLastRun(
  { readNow }: Pick<ImportReader, 'readNow'>,
  idOf: (run: number) => string,
  known = 0,
): Promise<{ run: number; seen: Map<number, ImportResource> }> {
  const seen = new Map<number, ImportResource>();
  const run = await findLastRun(async (number) => {
    const resource = await readNow(idOf(number));
    if (resource) seen.set(number, resource);
    return resource !== undefined;
  }, known);
  return { run, seen };
}

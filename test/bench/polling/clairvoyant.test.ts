import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clairvoyantBound } from './clairvoyant.ts';
import { shareDone, workloadNamed } from './workloads.ts';

/** Imports that end at these seconds, all as likely. */
const shareOf = (ends: number[]) => (seconds: number) =>
  ends.filter((end) => end <= seconds).length / ends.length;

/** What a set of query times costs, import by import. */
function costOf(querySeconds: number[], ends: number[], price: number): number {
  const costs = ends.map((end) => {
    const seen = querySeconds.findIndex((second) => second >= end);
    return (querySeconds[seen] as number) - end + price * (seen + 1);
  });
  return costs.reduce((sum, cost) => sum + cost, 0) / ends.length;
}

/** Every set of whole seconds that ends with the last. */
function querySets(last: number): number[][] {
  return Array.from({ length: 2 ** (last - 1) }, (_, bits) =>
    Array.from({ length: last }, (_, index) => index + 1).filter(
      (second) => second === last || (bits >> (second - 1)) & 1,
    ),
  );
}

test('the bound is the cheapest of all sets of query times', () => {
  // in the middle of the pieces in which the integral is taken, so that the lag is exact
  const ends = fc.array(
    fc.integer({ min: 0, max: 9 * 16 - 1 }).map((piece) => (piece + 1) / 16),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(ends, fc.constantFrom(0.5, 2, 5), (ends, price) => {
      const last = Math.max(1, Math.ceil(Math.max(...ends)));
      const least = Math.min(...querySets(last).map((set) => costOf(set, ends, price)));

      const { cost } = clairvoyantBound(shareOf(ends), price);

      // an end counts from the middle of its piece: up to a thirty-second of a second
      expect(Math.abs(cost - least)).toBeLessThan(1 / 16);
    }),
    { numRuns: 100 },
  );
});

test('the bound asks once where every import takes as long', () => {
  const { cost, queries, querySeconds } = clairvoyantBound(shareOf([7]));

  expect(cost).toBeCloseTo(2, 1);
  expect(queries).toBe(1);
  expect(querySeconds[0]).toBe(7);
});

test('the bound is what its own queries cost', () => {
  // the others have tails of a day, which take seconds to tabulate
  for (const name of ['tiny', 'small', 'mixed']) {
    const { cost, queries, lagSeconds } = clairvoyantBound(shareDone(workloadNamed(name)));

    expect(lagSeconds + 2 * queries).toBeCloseTo(cost, 6);
  }
});

test('the dearer a query, the fewer', () => {
  const [cheap, dear] = [0.5, 8].map((price) => clairvoyantBound(shareOf([1, 3, 5, 7, 9]), price));

  expect(cheap?.queries).toBeGreaterThan(dear?.queries ?? Number.NaN);
  expect(cheap?.lagSeconds).toBeLessThan(dear?.lagSeconds ?? Number.NaN);
});

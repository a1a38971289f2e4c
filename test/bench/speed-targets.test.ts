import { expect, test } from 'vitest';
import { readResults } from './results.ts';
import {
  type ColdStartFigures,
  coldStartTargets,
  type QueryFigures,
  queryTargets,
} from './speed-targets.ts';
import { isMet, limitOf } from './targets.ts';

const { coldStart, query } = readResults();
const missedBy = (coldStarts: ColdStartFigures, queries: QueryFigures) =>
  [...coldStartTargets(coldStarts), ...queryTargets(queries)]
    .filter((target) => !isMet(target))
    .map(({ what }) => what);

test('the figures that are shown meet all that is wanted', () => {
  const missed = missedBy(coldStart?.figures as ColdStartFigures, query?.figures as QueryFigures);

  expect(missed).toEqual([]);
});

test('tells each target that is missed', () => {
  const start = { p95Ms: 0, cpuMs: 0, rssMegabytes: 0, bundleBytes: 0, zipBytes: 0 };
  const starts = {
    ours: 60,
    'official SDK': 119,
    'leanest over fetch': 52,
  };
  const warm = { p95Microseconds: 0, queriesPerSecondManyAtATime: 0 };
  const rows = Object.entries(starts).map(([what, medianMs]) => ({ what, medianMs, ...start }));
  const https = { what: 'leanest over node:https', medianMs: 53, ...start };

  expect(
    missedBy(
      { repeats: 1, bareNodeMs: 25, rows: [...rows, https] },
      {
        ...{ rounds: 1, queriesATurn: 1, manyAtATime: 1 },
        rows: [
          { what: 'ours', medianMicroseconds: 51, queriesPerSecond: 1999, ...warm },
          { what: 'undici.request', medianMicroseconds: 40, queriesPerSecond: 9000, ...warm },
          { what: 'official SDK', medianMicroseconds: 200, queriesPerSecond: 1000, ...warm },
        ],
      },
    ),
  ).toEqual([
    "a start, over the official SDK's",
    'over the leanest over fetch',
    "a query, over undici's own request",
    "queries a second, over the official SDK's",
  ]);
});

test.for([
  [{ what: '', value: 1, most: 1 }, true, 'at most 1'],
  [{ what: '', value: 1.1, most: 1 }, false, 'at most 1'],
  [{ what: '', value: Number.NaN, most: 1 }, false, 'at most 1'],
  [{ what: '', value: 2, least: 2 }, true, 'at least 2'],
  [{ what: '', value: 1.9, least: 2 }, false, 'at least 2'],
] as const)('%j is met: %s', ([target, met, limit]) => {
  expect(isMet(target)).toBe(met);
  expect(limitOf(target)).toBe(limit);
});

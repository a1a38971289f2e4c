import { expect, test } from 'vitest';
import { readResults } from '../results.ts';
import { isMet } from '../targets.ts';
import { type LoadFigures, loadTargets } from './targets.ts';

const { load } = readResults();
const figures = load?.figures as LoadFigures;

test('the figures that are shown meet what the local engine is held to', () => {
  expect(loadTargets(figures).filter((target) => !isMet(target))).toEqual([]);
  expect(figures.inFlight.imports).toBe(10_000);
});

test.for<[what: string, missed: Partial<LoadFigures['inFlight']>]>([
  ['share in flight at once', { inFlight: 9999 }],
  ['share that end right', { right: 9999 }],
  ['gigabytes of memory', { mostRssBytes: 1.51e9 }],
])('misses "%s"', ([what, missed]) => {
  const targets = loadTargets({ ...figures, inFlight: { ...figures.inFlight, ...missed } });

  expect(targets.filter((target) => !isMet(target))).toMatchObject([{ what }]);
});

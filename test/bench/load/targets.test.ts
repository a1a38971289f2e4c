import { expect, test } from 'vitest';
import { readResults } from '../results.ts';
import { type LoadFigures, loadTargets } from './targets.ts';

const { load } = readResults();
const figures = load?.figures as LoadFigures;

test('the figures that are shown meet what the local engine is held to', () => {
  expect(loadTargets(figures).filter(({ isMet }) => !isMet)).toEqual([]);
  expect(figures.inFlight.imports).toBe(10_000);
});

test.for<[what: string, missed: Partial<LoadFigures['inFlight']>]>([
  ['all are in flight at once', { inFlight: 9999 }],
  ['all end right', { right: 9999 }],
  ['under 1.5 GB', { mostRssBytes: 1.5e9 }],
])('misses "%s"', ([what, missed]) => {
  const targets = loadTargets({ ...figures, inFlight: { ...figures.inFlight, ...missed } });

  expect(targets.filter(({ isMet }) => !isMet)).toMatchObject([{ what }]);
});

import { expect, test } from 'vitest';
import { inSixDigits, readResults } from '../results.ts';
import { isMet } from '../targets.ts';
import { expecting, type PollingFigures } from './measure.ts';
import { ours } from './ours.ts';
import { peerSchedules, tirelessPeer } from './peers.ts';
import { atTheCreateLimit, burst, throughAnOutage, withLateTokens } from './scenarios.ts';
import { score } from './score.ts';
import { pollingTargets } from './targets.ts';
import { workloadNamed } from './workloads.ts';

// What the schedule was tuned to, on fewer imports than "npm run bench:polling" takes.

const alone = score(() => ours(), 2000);

test('costs at most 1.45 times the clairvoyant bound on any workload, and 1.25 times on average', () => {
  expect(alone.worst).toBeLessThanOrEqual(1.45);
  expect(alone.geometricMean).toBeLessThanOrEqual(1.25);
});

test('beats the best peer, even if no peer ever gave up, by 30 percent', () => {
  const worst = peerSchedules.map((schedule) => score(() => tirelessPeer(schedule), 100).worst);

  expect(alone.worst / Math.min(...worst)).toBeLessThanOrEqual(0.7);
});

test.for([0.5, 1, 2])(
  'costs at most 1.25 times the bound when %d medians are expected',
  (share) => {
    const { worst } = score((workload) => ours(expecting(workload, share)), 2000);

    expect(worst).toBeLessThanOrEqual(1.25);
  },
);

test.for([
  ['small', 0.02],
  ['mixed', 0.02],
  ['large', 0.05],
] as const)('at the create limit, %s imports are hardly ever refused', ([name, mostRefused]) => {
  const figures = atTheCreateLimit(ours(), workloadNamed(name));

  expect(figures).toMatchObject({ gaveUpShare: 0, misreportedShare: 0 });
  expect(figures.refusedShare).toBeLessThanOrEqual(mostRefused);
  expect(figures.costAgainstAlone).toBeLessThanOrEqual(1.15);
});

test('2,000 imports at once are all seen to be done, soon after the limits allow', () => {
  const figures = burst(ours());

  expect(figures).toMatchObject({ gaveUpShare: 0, misreportedShare: 0 });
  expect(figures.refusedAgain).toBeLessThanOrEqual(1);
  expect(figures.lastSeenSeconds / figures.leastSeconds).toBeLessThanOrEqual(1.5);
  expect(figures.lastOfThoseSeconds / figures.queriesAllowedSeconds).toBeLessThanOrEqual(1.5);
});

test('neither an outage nor a late document loses an import', () => {
  const found = { gaveUpShare: 0, misreportedShare: 0 };

  expect(throughAnOutage(ours())).toMatchObject(found);
  expect(withLateTokens(ours())).toMatchObject(found);
});

const recorded = readResults().polling?.figures as PollingFigures;

test('the recorded figures meet every target', () => {
  const missed = pollingTargets(recorded).filter((target) => !isMet(target));

  expect(missed).toEqual([]);
});

test('the recorded figures are those of the schedule that ships ("npm run bench:polling" writes them)', () => {
  const now = { burst: burst(ours()), outage: throughAnOutage(ours()) };

  expect(JSON.parse(JSON.stringify(now, inSixDigits))).toEqual({
    burst: recorded.burst.ours,
    outage: recorded.outage.ours,
  });
});

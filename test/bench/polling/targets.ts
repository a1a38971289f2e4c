import type { Target } from '../targets.ts';
import type { PollingFigures } from './measure.ts';

/** What the schedule was tuned to. */
export function pollingTargets(figures: PollingFigures): Target[] {
  const { score, expected, atTheCreateLimit, burst } = figures;
  const { ours, ...peers } = score;
  const together = burst.ours;
  if (!ours || !together) throw new Error('there are no figures of ours');
  const bestPeer = Math.min(...Object.values(peers).map(({ worst }) => worst));

  return [
    { what: 'worst ratio', value: ours.worst, most: 1.45 },
    { what: 'geometric mean of the ratios', value: ours.geometricMean, most: 1.25 },
    { what: "worst ratio over the best peer's", value: ours.worst / bestPeer, most: 0.7 },
    {
      what: 'worst ratio with expected_seconds of half to twice the median',
      value: Math.max(...expected.map(({ worst }) => worst)),
      most: 1.25,
    },
    { what: 'imports given up or misreported, anywhere', value: lost(figures), most: 0 },
    ...Object.entries(atTheCreateLimit).flatMap(([name, { ours: loaded }]) =>
      loaded
        ? [
            {
              what: `share of calls refused at the create limit, ${name}`,
              value: loaded.refusedShare,
              most: name === 'large' ? 0.05 : 0.02,
            },
            {
              what: `cost at the create limit over the cost alone, ${name}`,
              value: loaded.costAgainstAlone,
              most: 1.15,
            },
          ]
        : [],
    ),
    {
      what: 'refusals after the first, 2,000 imports at once',
      value: together.refusedAgain,
      most: 1,
    },
    {
      what: 'the last of 2,000 is seen, over the least time possible',
      value: together.lastSeenSeconds / together.leastSeconds,
      most: 1.5,
    },
    {
      what: 'the last of those that are done in the time that the queries take, over that time',
      value: together.lastOfThoseSeconds / together.queriesAllowedSeconds,
      most: 1.5,
    },
  ];
}

function lost({
  alone,
  atTheCreateLimit,
  batches,
  burst,
  outage,
  lateToken,
}: PollingFigures): number {
  const everywhere = [
    ...Object.values(alone),
    ...Object.values(atTheCreateLimit),
    batches,
    burst,
    outage,
    lateToken,
  ];
  return everywhere.reduce((sum, { ours }) => {
    return sum + (ours ? ours.gaveUpShare + ours.misreportedShare : 1);
  }, 0);
}

import { costOf } from './figures.ts';
import type { PollingFigures } from './measure.ts';

export type Table = { head: string[]; rows: string[][] };

/** What the README shows, and the command prints, by the name of its place. */
export function pollingTables(figures: PollingFigures): Record<string, Table> {
  return {
    polling: workloadTable(figures),
    'polling under load': loadTable(figures),
    'polling peers': peerTable(figures),
  };
}

function workloadTable({ workloads, alone, expected }: PollingFigures): Table {
  return {
    head: [
      'imports',
      'median',
      'sigma',
      'queries',
      'lag',
      'median lag',
      '95 % below',
      'of the duration',
      'transitions of 1,000',
      '1,000 imports',
      'cost ÷ bound',
      'with `expected_seconds`',
    ],
    rows: workloads.map(({ name, medianSeconds, sigma, scored, bound }) => {
      const ours = alone[name]?.ours;
      if (!ours) throw new Error(`there are no figures of ${name}`);
      const guided = expected.map(({ ratios }) => ratios[name]);
      return [
        scored ? name : `*${name}*`,
        seconds(medianSeconds),
        String(sigma),
        ours.queries.toFixed(1),
        seconds(ours.lagSeconds),
        seconds(ours.medianLagSeconds),
        seconds(ours.p95LagSeconds),
        percent(ours.lagShare),
        whole(ours.transitions),
        `$${ours.dollars.toFixed(2)}`,
        (costOf(ours) / bound.cost).toFixed(2),
        scored ? `at most ${Math.max(...guided.map(Number)).toFixed(2)}` : '',
      ];
    }),
  };
}

function loadTable({ atTheCreateLimit, batches, burst, outage, lateToken }: PollingFigures): Table {
  const scenarios = [
    ...Object.entries(atTheCreateLimit).map(
      ([name, figures]) => [`100 a minute, ${name}`, figures.ours] as const,
    ),
    ['100 a minute, mixed, and 2 minutes of 503', outage.ours] as const,
    ['100 at once every minute, mixed', batches.ours] as const,
    ['2,000 mixed at once', burst.ours] as const,
    ['mixed, the document 3 s after status 0', lateToken.ours] as const,
  ];
  return {
    head: [
      '',
      'queries',
      'lag',
      '95 % below',
      'refused',
      'given up',
      'misreported',
      'cost ÷ alone',
    ],
    rows: scenarios.flatMap(([name, figures]) => {
      if (!figures) return [];
      const against = 'costAgainstAlone' in figures ? figures.costAgainstAlone.toFixed(2) : '';
      return [
        [
          name,
          figures.queries.toFixed(1),
          seconds(figures.lagSeconds),
          seconds(figures.p95LagSeconds),
          percent(figures.refusedShare),
          percent(figures.gaveUpShare),
          percent(figures.misreportedShare),
          against,
        ],
      ];
    }),
  };
}

/** The best first. */
function peerTable(figures: PollingFigures): Table {
  const { score, names, alone, atTheCreateLimit, burst, outage, lateToken } = figures;
  const lost = (of: { gaveUpShare: number; misreportedShare: number } | undefined) =>
    of ? percent(of.gaveUpShare + of.misreportedShare) : '';
  return {
    head: [
      '',
      'worst ratio',
      'geometric mean',
      'refused, 100 large a minute',
      'lost: mixed',
      'large',
      'in 2 minutes of 503',
      'of 2,000 at once',
      'with late documents',
    ],
    rows: Object.entries(score)
      .sort(([, one], [, other]) => one.worst - other.worst)
      .map(([id, { worst, geometricMean }]) => [
        id === 'ours' ? '**this project**' : `${id} ${names[id]}`,
        worst.toFixed(2),
        geometricMean.toFixed(2),
        percent(atTheCreateLimit.large?.[id]?.refusedShare ?? 0),
        lost(alone.mixed?.[id]),
        lost(alone.large?.[id]),
        lost(outage[id]),
        lost(burst[id]),
        lost(lateToken[id]),
      ]),
  };
}

function seconds(value: number): string {
  return `${value < 10 ? Number(value.toFixed(1)) : whole(value)} s`;
}

function percent(share: number): string {
  if (share === 0) return '0';
  return share < 0.001 ? '< 0.1 %' : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

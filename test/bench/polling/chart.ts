import { clairvoyantBound, secondsPerQuery } from './clairvoyant.ts';
import type { Figures } from './figures.ts';
import { ours } from './ours.ts';
import { peerSchedules, tirelessPeer } from './peers.ts';
import { boundOf, figuresAlone } from './score.ts';
import { shareDone, type Workload, workloadNamed } from './workloads.ts';

const panel = { width: 330, height: 360, left: 46, top: 48, plotWidth: 268, plotHeight: 250 };
const axes = { queries: [1, 200], lagSeconds: [0.3, 60] } as const;

type Point = { x: number; y: number };

/** Lag against queries, on three workloads: ours, the peers', and what is possible at all. */
export function pollingChart(givesUp: (workload: Workload, peerId: string) => boolean): string {
  const panels = ['small', 'mixed', 'large'].map((name, index) => {
    const drawing = drawPanel(workloadNamed(name), givesUp);
    return `<g transform="translate(${index * panel.width} 0)">\n${drawing}\n</g>`;
  });
  const width = 3 * panel.width;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${panel.height}" font-family="sans-serif" font-size="10">
<title>Lag against queries per import: this project, twenty peers, and the bound</title>
<rect width="${width}" height="${panel.height}" fill="#fff"/>
${panels.join('\n')}
${legend()}
</svg>
`;
}

function drawPanel(
  workload: Workload,
  givesUp: (workload: Workload, peerId: string) => boolean,
): string {
  const title = `${workload.name} imports, median ${workload.medianSeconds} s`;
  return [
    text({ x: panel.left, y: 28 }, title, 'font-size="13" font-weight="bold"'),
    ...grid(),
    boundCurve(workload),
    ...peerDots(workload, givesUp),
    ...ourDot(workload),
  ].join('\n');
}

function boundCurve(workload: Workload): string {
  // the price of a query decides where on the curve the best is
  const prices = Array.from({ length: 14 }, (_, index) => 0.02 * 2 ** index);
  const points = prices
    .map((price) => clairvoyantBound(shareDone(workload), price))
    .filter(({ lagSeconds }) => lagSeconds < axes.lagSeconds[1])
    .map(place);
  const best = place(boundOf(workload));
  return `<polyline points="${points.map(pair).join(' ')}" fill="none" stroke="#2a7f3f" stroke-width="1.5"/>
<circle ${at(best)} r="3.5" fill="#2a7f3f"/>`;
}

function peerDots(
  workload: Workload,
  givesUp: (workload: Workload, peerId: string) => boolean,
): string[] {
  const dots = peerSchedules.map((schedule) => ({
    id: schedule.id,
    isHollow: givesUp(workload, schedule.id),
    ...place(figuresAlone(tirelessPeer(schedule), workload, { count: 800 })),
  }));
  // several ask alike: one label for all of them
  const together = Map.groupBy(dots, ({ x, y }) => `${Math.round(x / 6)} ${Math.round(y / 6)}`);
  const labels = [...together.values()].map((same) => {
    const [first] = same;
    const ids = same.map(({ id }) => id).join(' ');
    if (!first) return '';
    return first.x < panel.left + panel.plotWidth - 40
      ? text({ x: first.x + 6, y: first.y + 3 }, ids, 'font-size="8" fill="#555"')
      : text(
          { x: first.x + 4, y: first.y - 6 },
          ids,
          'font-size="8" fill="#555" text-anchor="end"',
        );
  });
  return [
    ...dots.map(
      (dot) =>
        `<circle ${at(dot)} r="3.5" fill="${dot.isHollow ? '#fff' : '#888'}" stroke="#888"/>`,
    ),
    ...labels,
  ];
}

function ourDot(workload: Workload): string[] {
  const dot = place(figuresAlone(ours(), workload));
  return [
    `<circle ${at(dot)} r="5.5" fill="#c8321e"/>`,
    text(
      { x: dot.x + 6, y: dot.y - 6 },
      'ours',
      'fill="#c8321e" font-weight="bold" stroke="#fff" stroke-width="3" paint-order="stroke"',
    ),
  ];
}

function grid(): string[] {
  const { left, top, plotWidth, plotHeight } = panel;
  const bottom = top + plotHeight;
  return [
    ...[1, 2, 5, 10, 20, 50, 100, 200].flatMap((queries) => {
      const { x } = place({ queries, lagSeconds: 1 });
      return [
        `<path d="M${x} ${top}V${bottom}" stroke="#eee"/>`,
        text({ x, y: bottom + 13 }, String(queries), 'text-anchor="middle"'),
      ];
    }),
    ...[0.5, 1, 2, 5, 10, 20, 50].flatMap((lagSeconds) => {
      const { y } = place({ queries: 1, lagSeconds });
      return [
        `<path d="M${left} ${y}H${left + plotWidth}" stroke="#eee"/>`,
        text({ x: left - 5, y: y + 3 }, `${lagSeconds} s`, 'text-anchor="end"'),
      ];
    }),
    text({ x: left + plotWidth, y: bottom + 27 }, 'queries an import', 'text-anchor="end"'),
    text({ x: left - 36, y: top - 6 }, 'mean lag', ''),
  ];
}

function legend(): string {
  const y = panel.height - 14;
  return [
    `<circle ${at({ x: 50, y: y - 3 })} r="3.5" fill="#888" stroke="#888"/>`,
    text({ x: 58, y }, 'a peer, as if it never gave up', ''),
    `<circle ${at({ x: 218, y: y - 3 })} r="3.5" fill="#fff" stroke="#888"/>`,
    text({ x: 226, y }, 'a peer that gives up on more than 1 % of these', ''),
    `<path d="M468 ${y - 3}h20" stroke="#2a7f3f" stroke-width="1.5"/>`,
    text(
      { x: 494, y },
      `the least lag for so many queries, for whoever knows the distribution (dot: a query is worth ${secondsPerQuery} s)`,
      '',
    ),
  ].join('\n');
}

/** Both axes are logarithmic. */
function place({ queries, lagSeconds }: Pick<Figures, 'queries' | 'lagSeconds'>): Point {
  const along = (value: number, [from, to]: readonly [number, number]) =>
    Math.min(1, Math.max(0, Math.log(value / from) / Math.log(to / from)));
  return {
    x: rounded(panel.left + panel.plotWidth * along(queries, axes.queries)),
    y: rounded(panel.top + panel.plotHeight * (1 - along(lagSeconds, axes.lagSeconds))),
  };
}

function rounded(value: number): number {
  return Number(value.toFixed(1));
}

function at({ x, y }: Point): string {
  return `cx="${x}" cy="${y}"`;
}

function pair({ x, y }: Point): string {
  return `${x},${y}`;
}

function text({ x, y }: Point, content: string, attributes: string): string {
  return `<text x="${rounded(x)}" y="${rounded(y)}" ${attributes}>${content}</text>`;
}

import type { Target } from './targets.ts';

// What a query and a start are held to, beside others in the same run.

/** What `npm run bench:cold-start` measures. Times are without those of bare Node. */
export type ColdStartFigures = {
  repeats: number;
  bareNodeMs: number;
  rows: {
    what: string;
    medianMs: number;
    p95Ms: number;
    cpuMs: number;
    rssMegabytes: number;
    bundleBytes: number;
    zipBytes: number;
  }[];
};

/** What `npm run bench:query` measures. */
export type QueryFigures = {
  rounds: number;
  queriesATurn: number;
  manyAtATime: number;
  rows: {
    what: string;
    medianMicroseconds: number;
    p95Microseconds: number;
    queriesPerSecond: number;
    queriesPerSecondManyAtATime: number;
  }[];
};

export function coldStartTargets({ rows }: ColdStartFigures): Target[] {
  const ours = rowNamed('ours', rows).medianMs;
  const over = (what: string) => ours / rowNamed(what, rows).medianMs;
  return [
    { what: "a start, over the official SDK's", value: over('official SDK'), most: 0.5 },
    { what: 'over the leanest over fetch', value: over('leanest over fetch'), most: 1.15 },
    {
      what: 'over the leanest over node:https',
      value: over('leanest over node:https'),
      most: 1.15,
    },
  ];
}

export function queryTargets({ rows }: QueryFigures): Target[] {
  const ours = rowNamed('ours', rows);
  return [
    {
      what: "a query, over undici's own request",
      value: ours.medianMicroseconds / rowNamed('undici.request', rows).medianMicroseconds,
      most: 1.25,
    },
    {
      what: "queries a second, over the official SDK's",
      value: ours.queriesPerSecond / rowNamed('official SDK', rows).queriesPerSecond,
      least: 2,
    },
  ];
}

function rowNamed<Row extends { what: string }>(wanted: string, rows: readonly Row[]): Row {
  const found = rows.find(({ what }) => what === wanted);
  if (!found) throw new Error(`${wanted} was not measured`);
  return found;
}

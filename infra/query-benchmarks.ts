import type { Measured } from '../test/bench/results.ts';
import { table } from './markdown-table.ts';

/** What `npm run bench:cold-start` writes. */
export type ColdStart = {
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
  ratios: Record<string, number>;
};

/** What `npm run bench:query` writes. */
export type Query = {
  manyAtATime: number;
  rows: {
    what: string;
    medianMicroseconds: number;
    p95Microseconds: number;
    queriesPerSecond: number;
    queriesPerSecondManyAtATime: number;
  }[];
  ratios: Record<string, number>;
};

export function coldStartSection({ machine, versions, figures }: Measured<ColdStart>): string {
  const head = ['from start to first answer', 'median', 'p95', 'CPU', 'memory', 'bundle', 'zip'];
  const rows = figures.rows.map((row) => [
    row.what,
    `${row.medianMs} ms`,
    `${row.p95Ms} ms`,
    `${row.cpuMs} ms`,
    `${Math.round(row.rssMegabytes)} MB`,
    kilobytes(row.bundleBytes),
    kilobytes(row.zipBytes),
  ]);
  return [
    table(head, rows),
    '',
    `Times without those of bare Node, which took ${figures.bareNodeMs} ms. ${takenOn(machine, versions)}`,
  ].join('\n');
}

export function querySection({ machine, versions, figures }: Measured<Query>): string {
  const head = [
    'a warm query',
    'median',
    'p95',
    'a second',
    `a second, ${figures.manyAtATime} at a time`,
  ];
  const rows = figures.rows.map((row) => [
    row.what,
    `${row.medianMicroseconds} µs`,
    `${row.p95Microseconds} µs`,
    row.queriesPerSecond.toLocaleString('en'),
    row.queriesPerSecondManyAtATime.toLocaleString('en'),
  ]);
  return [table(head, rows), '', takenOn(machine, versions)].join('\n');
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toLocaleString('en', { maximumFractionDigits: bytes < 10_000 ? 1 : 0 })} kB`;
}

function takenOn({ cpu, cores, os }: Measured['machine'], versions: Measured['versions']): string {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `Taken on ${cores} × ${cpu}, ${os}; ${named.join(', ')}.`;
}

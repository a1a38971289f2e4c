import type { Measured } from '../test/bench/results.ts';
import {
  type ColdStartFigures,
  coldStartTargets,
  type QueryFigures,
  queryTargets,
} from '../test/bench/speed-targets.ts';
import { isMet, limitOf, type Target } from '../test/bench/targets.ts';
import { table } from './markdown-table.ts';

export function coldStartSection({
  machine,
  versions,
  figures,
}: Measured<ColdStartFigures>): string {
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
    targetTable(coldStartTargets(figures)),
    '',
    `Times without those of bare Node, which took ${figures.bareNodeMs} ms. ${takenOn(machine, versions)}`,
  ].join('\n');
}

export function querySection({ machine, versions, figures }: Measured<QueryFigures>): string {
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
  return [
    table(head, rows),
    '',
    targetTable(queryTargets(figures)),
    '',
    takenOn(machine, versions),
  ].join('\n');
}

/** The ratios that count, and what is wanted of them. */
function targetTable(targets: readonly Target[]): string {
  return table(
    ['ratio of ours', 'measured', 'wanted', ''],
    targets.map((target) => [
      target.what,
      target.value.toFixed(2),
      limitOf(target),
      isMet(target) ? 'met' : '**missed**',
    ]),
  );
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toLocaleString('en', { maximumFractionDigits: bytes < 10_000 ? 1 : 0 })} kB`;
}

function takenOn({ cpu, cores, os }: Measured['machine'], versions: Measured['versions']): string {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `Taken on ${cores} × ${cpu}, ${os}; ${named.join(', ')}.`;
}

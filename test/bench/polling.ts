import { writeFileSync } from 'node:fs';
import CliTable from 'cli-table3';
import { pollingChart } from './polling/chart.ts';
import { measurePolling } from './polling/measure.ts';
import { pollingTables } from './polling/tables.ts';
import { pollingTargets } from './polling/targets.ts';
import { writeResults } from './results.ts';
import { reportTargets } from './targets.ts';

const startedAt = Date.now();
const figures = measurePolling();
writeResults('polling', figures);
const chart = pollingChart((workload, id) => {
  const { gaveUpShare = 0, misreportedShare = 0 } = figures.alone[workload.name]?.[id] ?? {};
  return gaveUpShare + misreportedShare > 0.01;
});
writeFileSync(new URL('polling.svg', import.meta.url), chart);

for (const [name, { head, rows }] of Object.entries(pollingTables(figures))) {
  const table = new CliTable({ head, style: { head: [], border: [], compact: true } });
  table.push(...rows);
  console.log(`\n${name}\n${table.toString()}`);
}
reportTargets(pollingTargets(figures));
console.log(
  `\nIn ${((Date.now() - startedAt) / 1000).toFixed(1)} s: results.json and polling.svg are written; "npm run readme" shows them.`,
);

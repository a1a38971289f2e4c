import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { type BatchResult, joinedResults, runBatch, type Wrong } from './batch.ts';
import { shown } from './scripted-import.ts';
import { scriptOf } from './scripts.ts';

// npm run test:faults -- [--imports N] [--seed S] [--only K]

const batchSize = 1000;
const processes = 2;

const { values } = parseArgs({
  options: {
    imports: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now()) },
    only: { type: 'string' },
    /** Of those that share the work; told by the campaign to itself. */
    part: { type: 'string' },
  },
});
const { seed, only, part } = values;
const imports = Number(values.imports);

if (only !== undefined) tell(await runBatch([scriptOf(seed, Number(only))]), 1);
else if (part !== undefined) process.send?.(await runPart(Number(part)));
else await runCampaign();

async function runCampaign(): Promise<void> {
  console.log(`${imports} imports with seed ${seed}`);
  const startedAt = performance.now();
  const parts = await Promise.all(
    Array.from({ length: processes }, (_, place) => startPart(place)),
  );
  tell(joinedResults(parts), (performance.now() - startedAt) / 1000);
}

function startPart(place: number): Promise<BatchResult> {
  const { promise, resolve, reject } = Promise.withResolvers<BatchResult>();
  const args = ['--imports', String(imports), '--seed', seed, '--part', String(place)];
  const child = fork(import.meta.filename, args);
  child.once('message', (result) => resolve(result as BatchResult));
  child.once('exit', (code) => reject(new Error(`a part of the campaign ended with ${code}`)));
  return promise;
}

async function runPart(place: number): Promise<BatchResult> {
  const results: BatchResult[] = [];
  for (let first = place * batchSize; first < imports; first += processes * batchSize) {
    const length = Math.min(batchSize, imports - first);
    results.push(
      await runBatch(Array.from({ length }, (_, index) => scriptOf(seed, first + index))),
    );
  }
  return joinedResults(results);
}

function tell({ wrong, queries, ends, repeated }: BatchResult, seconds: number): void {
  for (const one of wrong.slice(0, 10)) console.error(report(one));
  if (wrong.length > 10) console.error(`… and ${wrong.length - 10} more`);
  console.log(ends);
  console.log(
    `${queries} queries, ${wrong.length} wrong ends, ${Math.round(seconds)} s; ${repeated} run again after a timeout`,
  );
  process.exitCode = wrong.length > 0 ? 1 : 0;
}

function report({ number, why, expected, attempts }: Wrong): string {
  return [
    `\nImport ${number} of seed ${seed}: ${why}`,
    expected && `expected: ${JSON.stringify(expected)}`,
    `script: ${shown(scriptOf(seed, number))}`,
    `attempts: ${attempts.map((attempt) => `\n ${JSON.stringify(attempt)}`).join('')}`,
    `again: npm run test:faults -- --seed ${seed} --only ${number}`,
  ]
    .filter(Boolean)
    .join('\n');
}

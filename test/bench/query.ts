import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { bundleContenders, type Contender } from './contenders.ts';
import { median, quantile } from './distribution.ts';
import { startConstantFeishu } from './feishu-process.ts';
import { writeResults } from './results.ts';
import { type QueryFigures, queryTargets } from './speed-targets.ts';
import { reportTargets } from './targets.ts';

// A query of a function that has answered others before, over loopback and without TLS. Each has a
// process of its own, and they take turns of a fraction of a second, so that whatever else the machine
// does meets all alike.

const rounds = Number(process.argv[2] ?? 60);
// as many as it takes until V8 has nothing left to optimise
const warmUps = 30;
const queriesATurn = 512;
const manyAtATime = 32;

const feishu = await startConstantFeishu('awake');
const built = await bundleContenders();

const compared: Contender[] = [
  'undici.request',
  'ours',
  'node:http request',
  'global fetch',
  'leanest over node:https',
  'official SDK',
  'bare socket',
];
// those who ask many at a time keep as many connections, which one by one nobody has
const oneByOne = await Promise.all(compared.map((contender) => start(contender, 1)));
const manyAtOnce = await Promise.all(compared.map((contender) => start(contender, manyAtATime)));

async function start(contender: Contender, atATime: number) {
  const child = fork(built.program('answer-often'), [pathToFileURL(built.path(contender)).href], {
    env: { FEISHU_BASE_URL: feishu.url, FEISHU_APP_ID: 'cli_bench', FEISHU_APP_SECRET: 'secret' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  child.once('exit', () => {
    if (child.connected) throw new Error(`${contender} has ended`);
  });
  await once(child, 'message');
  const each: number[] = [];
  const aSecond: number[] = [];
  return {
    contender,
    each,
    aSecond,
    async takeTurn() {
      child.send({ queries: queriesATurn, atATime });
      const [taken] = (await once(child, 'message')) as [{ each: number[]; seconds: number }];
      each.push(...taken.each);
      aSecond.push(queriesATurn / taken.seconds);
    },
    forget() {
      each.length = 0;
      aSecond.length = 0;
    },
    stop: () => child.disconnect(),
  };
}

for (let round = -warmUps; round < rounds; round++) {
  for (const process of [...oneByOne, ...manyAtOnce]) {
    await process.takeTurn();
    if (round < 0) process.forget();
  }
}
for (const { stop } of [...oneByOne, ...manyAtOnce]) stop();
feishu.stop();

const rows = oneByOne.map(({ contender, each, aSecond }, index) => ({
  what: contender,
  medianMicroseconds: Math.round(median(each) * 1000),
  p95Microseconds: Math.round(quantile(each, 0.95) * 1000),
  queriesPerSecond: Math.round(median(aSecond)),
  queriesPerSecondManyAtATime: Math.round(median(manyAtOnce[index]?.aSecond ?? [])),
}));
rmSync(built.folder, { recursive: true });

const figures: QueryFigures = { rounds, queriesATurn, manyAtATime, rows };
console.table(rows);
if (!process.argv[2]) writeResults('query', figures);
reportTargets(queryTargets(figures));

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { bundleContenders, type Contender } from './contenders.ts';
import { median, quantile, rounded } from './distribution.ts';
import { startConstantFeishu } from './feishu-process.ts';
import { writeResults } from './results.ts';
import { type ColdStartFigures, coldStartTargets } from './speed-targets.ts';
import { reportTargets } from './targets.ts';

// From the start of a process to its first answered query: a new token, then a query, over TLS as it is
// with Feishu. All take turns, so that whatever else the machine does meets all alike.

const repeats = Number(process.argv[2] ?? 40);
const warmUps = 3;

const feishu = await startConstantFeishu();
const built = await bundleContenders();
const certificate = join(built.folder, 'certificate.pem');
writeFileSync(certificate, feishu.cert);

const app = { FEISHU_APP_ID: 'cli_bench', FEISHU_APP_SECRET: 'secret' };
const secret = {
  PROFILE_SECRET_PREFIX: 'bench/',
  AWS_ENDPOINT_URL_SECRETS_MANAGER: feishu.tlsUrl,
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
};

const starts = {
  'bare Node': start('bare Node', app),
  'leanest over node:https': start('leanest over node:https', app),
  'leanest over undici': start('leanest over undici', app),
  'leanest over fetch': start('leanest over fetch', app),
  ours: start('ours', app),
  'ours with a secret': start('ours', secret),
  'official SDK': start('official SDK', app),
};
type Row = keyof typeof starts;
type Start = { ms: number; cpuMs: number; rssBytes: number };

function start(contender: Contender, settings: Record<string, string>) {
  const program = [built.program('answer-once'), pathToFileURL(built.path(contender)).href];
  const env = { FEISHU_BASE_URL: feishu.tlsUrl, NODE_EXTRA_CA_CERTS: certificate, ...settings };
  return async (): Promise<Start> => {
    const begun = performance.now();
    const child = spawn(process.execPath, program, { env, stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(child, 'close');
    const [line] = await Promise.race([
      once(createInterface(child.stdout), 'line'),
      ended.then(() => Promise.reject(new Error(`${contender} did not answer`))),
    ]);
    const ms = performance.now() - begun;
    await ended;
    const { answer, cpuMs, rssBytes } = JSON.parse(line);
    if (contender !== 'bare Node' && (answer.job_status ?? answer) !== 2) {
      throw new Error(`${contender} answered ${line}`);
    }
    return { ms, cpuMs, rssBytes };
  };
}

const rows = Object.keys(starts) as Row[];
const taken = Object.fromEntries(rows.map((row) => [row, []])) as unknown as Record<Row, Start[]>;
for (let round = -warmUps; round < repeats; round++) {
  for (const row of rows) {
    const figures = await starts[row]();
    if (round >= 0) taken[row].push(figures);
  }
}
feishu.stop();

const bare = medians('bare Node');
const measured = rows.map((row) => {
  const { ms, cpuMs, rssBytes } = medians(row);
  const p95 = quantile(
    taken[row].map((start) => start.ms),
    0.95,
  );
  const [contender, loaded] =
    row === 'ours with a secret'
      ? (['ours', 'withSecretBytes'] as const)
      : ([row, 'bundleBytes'] as const);
  const sizes = built.sizes(contender);
  return {
    what: row,
    medianMs: rounded(ms - bare.ms, 1),
    p95Ms: rounded(p95 - bare.ms, 1),
    cpuMs: rounded(cpuMs - bare.cpuMs, 1),
    rssMegabytes: rounded(rssBytes / 1e6, 1),
    bundleBytes: sizes[loaded],
    zipBytes: sizes.zipBytes,
  };
});
rmSync(built.folder, { recursive: true });

function medians(row: Row): Start {
  const of = (key: keyof Start) => median(taken[row].map((start) => start[key]));
  return { ms: of('ms'), cpuMs: of('cpuMs'), rssBytes: of('rssBytes') };
}

const figures: ColdStartFigures = {
  repeats,
  bareNodeMs: rounded(bare.ms, 1),
  rows: measured,
};
console.table(figures.rows);
if (!process.argv[2]) writeResults('coldStart', figures);
reportTargets(coldStartTargets(figures));

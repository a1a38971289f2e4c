import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { bundle } from '../../infra/build.ts';

const sources = {
  ours: 'functions/query-import.ts',
  'official SDK': 'test/bench/contenders/official-sdk.ts',
  leanest: 'test/bench/contenders/leanest.ts',
  'undici.request': 'test/bench/contenders/undici-request.ts',
  'global fetch': 'test/bench/contenders/global-fetch.ts',
  'bare Node': 'test/bench/contenders/bare-node.ts',
};

export type Contender = keyof typeof sources;

/** Bundles all that is compared, and what runs it, just as the functions that are deployed. */
export async function bundleContenders() {
  const folder = mkdtempSync(join(tmpdir(), 'feishu-import-bench-'));
  const programs = ['test/bench/answer-once.ts', 'test/bench/answer-often.ts'];
  await bundle(folder, [...Object.values(sources), ...programs]);
  const built = (source: string) => join(folder, source.replace(/\.ts$/, '.mjs'));
  return {
    folder,
    program: (name: 'answer-once' | 'answer-often') => built(`test/bench/${name}.ts`),
    path: (contender: Contender) => built(sources[contender]),
    sizes(contender: Contender) {
      const bytes = readFileSync(built(sources[contender]));
      return { bundleBytes: bytes.length, zipBytes: deflateRawSync(bytes, { level: 9 }).length };
    },
  };
}

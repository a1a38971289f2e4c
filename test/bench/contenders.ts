import { globSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { bundle } from '../../infra/build.ts';

const sources = {
  ours: 'functions/query-import.ts',
  'official SDK': 'test/bench/contenders/official-sdk.ts',
  'leanest over node:https': 'test/bench/contenders/leanest-https.ts',
  'leanest over fetch': 'test/bench/contenders/leanest-fetch.ts',
  'undici.request': 'test/bench/contenders/undici-request.ts',
  'global fetch': 'test/bench/contenders/global-fetch.ts',
  'bare socket': 'test/bench/contenders/bare-socket.ts',
  'bare Node': 'test/bench/contenders/bare-node.ts',
};

export type Contender = keyof typeof sources;

/** Bundles all that is compared, and what runs it, just as the functions that are deployed. */
export async function bundleContenders() {
  const folder = mkdtempSync(join(tmpdir(), 'feishu-import-bench-'));
  const programs = ['test/bench/answer-once.ts', 'test/bench/answer-often.ts'];
  await Promise.all([...Object.values(sources), ...programs].map((name) => bundle(name, folder)));
  const built = (source: string) => join(folder, `${basename(source, '.ts')}.mjs`);
  return {
    folder,
    program: (name: 'answer-once' | 'answer-often') => built(`${name}.ts`),
    path: (contender: Contender) => built(sources[contender]),
    /** `bundle`: what a start loads; `all`: what is deployed. */
    sizes(contender: Contender) {
      const name = basename(sources[contender], '.ts');
      const files = globSync(`${name}{,.parts/*}.mjs`, { cwd: folder });
      const contents = files.map((file) => readFileSync(join(folder, file)));
      return {
        bundleBytes: readFileSync(built(sources[contender])).length,
        allBytes: sum(contents),
        zipBytes: sum(contents.map((bytes) => deflateRawSync(bytes, { level: 9 }))),
      };
    },
  };
}

function sum(buffers: Buffer[]): number {
  return buffers.reduce((total, { length }) => total + length, 0);
}

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import type { Metafile } from 'esbuild';
import { bundle } from '../../infra/build.ts';
import { bundledFiles } from '../bundled-files.ts';

const sources = {
  ours: 'functions/query-import.ts',
  'official SDK': 'test/bench/contenders/official-sdk.ts',
  'leanest over node:https': 'test/bench/contenders/leanest-https.ts',
  'leanest over undici': 'test/bench/contenders/leanest-undici.ts',
  'leanest over fetch': 'test/bench/contenders/leanest-fetch.ts',
  'undici.request': 'test/bench/contenders/undici-request.ts',
  'node:http request': 'test/bench/contenders/http-request.ts',
  'global fetch': 'test/bench/contenders/global-fetch.ts',
  'bare socket': 'test/bench/contenders/bare-socket.ts',
  'bare Node': 'test/bench/contenders/bare-node.ts',
};

export type Contender = keyof typeof sources;

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Bundles all that is compared, and what runs it, just as the functions that are deployed. */
export async function bundleContenders() {
  const folder = mkdtempSync(join(tmpdir(), 'feishu-import-bench-'));
  const programs = ['test/bench/answer-once.ts', 'test/bench/answer-often.ts'];
  const all = [...Object.values(sources), ...programs];
  // bare undici is undici as it comes, and not as we bundle it
  const built = (source: string) =>
    source === sources['undici.request'] ? bundle(source, folder, 'whole') : bundle(source, folder);
  const outputs: Metafile['outputs'] = Object.assign(
    {},
    ...(await Promise.all(all.map(async (source) => (await built(source)).outputs))),
  );
  const fileOf = (source: string) => join(folder, `${basename(source, '.ts')}.mjs`);

  return {
    folder,
    program: (name: 'answer-once' | 'answer-often') => fileOf(`${name}.ts`),
    path: (contender: Contender) => fileOf(sources[contender]),
    /** `bundle`: what a start loads; `withSecret`: and one that reads a secret; `zip`: what is deployed. */
    sizes(contender: Contender) {
      const entry = relative(root, fileOf(sources[contender]));
      const contents = (kinds: string[], without = /^$/) =>
        [...bundledFiles(outputs, entry, kinds)]
          .filter((file) => !without.test(file))
          .map((file) => readFileSync(join(root, file)));
      const deployed = contents(['import-statement', 'dynamic-import']);
      return {
        bundleBytes: sum(contents(['import-statement'])),
        withSecretBytes: sum(contents(['import-statement', 'dynamic-import'], /undici-client/)),
        zipBytes: sum(deployed.map((bytes) => deflateRawSync(bytes, { level: 9 }))),
      };
    },
  };
}

function sum(buffers: Buffer[]): number {
  return buffers.reduce((total, { length }) => total + length, 0);
}

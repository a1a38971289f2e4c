import { rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { leanUndici } from './lean-undici.ts';
import { type ThirdParty, thirdParties, thirdPartyNotice } from './third-party.ts';

/**
 * The functions that are deployed: functions/<name>.ts becomes dist/<name>.mjs, and what it loads only
 * when it needs it dist/<name>.parts/…
 */
export const functionNames = [
  'query-import',
  'start-import',
  'get-import',
  'cancel-import',
  'receive-app-ticket',
  'rotate-user-token',
  'renew-user-tokens',
];

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Bundles every function, in a folder that is emptied first, and writes whose code is in them. The same
 * sources give the same bytes.
 */
export async function bundleFunctions(
  folder: string,
  names = functionNames,
): Promise<ThirdParty[]> {
  rmSync(folder, { recursive: true, force: true });
  const built = await Promise.all(names.map((name) => bundle(`functions/${name}.ts`, folder)));
  const outputs = Object.assign({}, ...built.map(({ outputs }) => outputs));
  const parties = thirdParties({ outputs });
  writeFileSync(join(folder, 'third-party.txt'), thirdPartyNotice(parties));
  return parties;
}

/** What makes undici smaller than it comes. */
const withLeanUndici: BuildOptions = {
  plugins: [leanUndici],
  alias: { 'node:http2': './infra/no-http2.cjs' },
  // its own switch, made for Node: leaves out an experimental second parser that nobody asks for
  define: { esbuildDetection: 'true' },
};

/** Bundles a source, named from the project's folder, as the functions are bundled, or with undici as it comes. */
export async function bundle(
  source: string,
  folder: string,
  undici: 'lean' | 'whole' = 'lean',
): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [source],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // what is imported on demand stays in files of its own, which a start need not even parse
    splitting: true,
    // (a folder of the function's own name the runtime would take for the function)
    chunkNames: `${basename(source, '.ts')}.parts/[name]-[hash]`,
    minify: true,
    platform: 'node',
    // the oldest runtime that may be set in infra/deploy-settings.ts
    target: 'node22',
    format: 'esm',
    // undici and the SDK are CommonJS inside and require Node's own modules, which are all there is to require
    banner: {
      js: 'const require=(id)=>{const found=process.getBuiltinModule(id);if(found)return found;throw new Error("Cannot find module "+id)};',
    },
    ...(undici === 'lean' && withLeanUndici),
    // they are in the notice beside it
    legalComments: 'none',
    metafile: true,
    // beside the bundle, to read a stack trace with; the zip leaves it out
    sourcemap: 'external',
    logLevel: 'warning',
  });
  return metafile;
}

if (import.meta.main) await bundleFunctions(join(root, 'dist'));

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The functions that are deployed: functions/<name>.ts becomes dist/<name>.mjs. */
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
 * Bundles every function into one file of its own, in a folder that is emptied first. The same
 * sources give the same bytes.
 */
export async function bundleFunctions(folder: string, names = functionNames): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  await bundle(
    folder,
    names.map((name) => `functions/${name}.ts`),
  );
}

/** Bundles each of the sources, named from the project's folder, as a function is bundled. */
export async function bundle(folder: string, sources: string[]): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: sources,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    // the oldest runtime that may be set in infra/deploy-settings.ts
    target: 'node22',
    format: 'esm',
    // undici and the SDK are CommonJS inside and require Node's own modules
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    legalComments: 'none',
    // beside the bundle, to read a stack trace with; the zip leaves it out
    sourcemap: 'external',
    logLevel: 'warning',
  });
}

if (import.meta.main) await bundleFunctions(join(root, 'dist'));

import { createRequire } from 'node:module';
import { basename } from 'node:path';
import type { Plugin } from 'esbuild';

// A start of the query function spends most of its time on undici. Its client is taken whole, but for
// what no request of ours comes to, and for what a start would work out anew each time.

const require = createRequire(import.meta.url);

/**
 * Loaded with the client, and never used by us: forms, HTTP/2, processors without SIMD. Should a request
 * come to one of them after all, it fails by name.
 */
const leftOut = /\/(web\/.+|client-h2\.js|llhttp-wasm\.js)$/;

/** What undici's client requires, and what stands in for it: all that undici asks of it. */
export const standIns: Record<string, () => string> = {
  // with Node's own come its diffs, its colours and a stream to standard error
  'node:assert': () => `
    module.exports = (holds, message = 'something in undici is not as it should be') => {
      if (!holds) throw Object.assign(new Error(message), { code: 'ERR_ASSERTION' });
    };`,
  // a whole HTTP client and server, of which undici wants to know how long headers may be: as long as
  // Node's own, where no --max-http-header-size says otherwise
  'node:http': () => `module.exports = { maxHeaderSize: ${16 * 1024} };`,
  // tables of all that HTTP knows, of which undici reads these two
  '../llhttp/constants.js': () => {
    const { TYPE, ERROR } = require('undici/lib/llhttp/constants.js');
    return `module.exports = ${JSON.stringify({ TYPE, ERROR })};`;
  },
  // a tree of the names of headers, in lower case: without it they are put so one by one
  './tree': () => 'module.exports = { tree: { lookup: () => null } };',
};

export const leanUndici: Plugin = {
  name: 'lean-undici',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, importer }) => {
      if (!/[\\/]undici[\\/]lib[\\/](core|dispatcher)[\\/]/.test(importer)) return undefined;
      if (Object.hasOwn(standIns, path)) return { path, namespace: 'stands-in' };
      return leftOut.test(path) ? { path, namespace: 'left-out' } : undefined;
    });
    onLoad({ filter: /./, namespace: 'stands-in' }, ({ path }) => {
      const contents = standIns[path]?.();
      return contents === undefined ? undefined : { contents };
    });
    onLoad({ filter: /./, namespace: 'left-out' }, ({ path }) => {
      const fail = `throw new Error('${basename(path)} of undici is not in this bundle')`;
      // this one is loaded with the rest, and called where a server speaks HTTP/2
      const isLoadedAtStart = path.endsWith('client-h2.js');
      return { contents: isLoadedAtStart ? `module.exports = () => { ${fail} }` : fail };
    });
  },
};

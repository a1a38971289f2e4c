// The parts of undici that a query needs. Its index also runs fetch, WebSocket, caches, mocks and a
// second HTTP parser, which takes twice as long to load. These paths are not undici's public API:
// test/feishu/undici.test.ts tells when they no longer are what they were.
import type * as undici from 'undici';
import errorClasses from 'undici/lib/core/errors.js';
import PoolClass from 'undici/lib/dispatcher/pool.js';

export const Pool: typeof undici.Pool = PoolClass;
export type Pool = undici.Pool;

export const errors: typeof undici.errors = errorClasses;

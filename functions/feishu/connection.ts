import type { SendHttp } from './http.ts';

/** Time and network as arguments; `now` in milliseconds. */
export type FeishuConnection = { send: SendHttp; now: () => number };

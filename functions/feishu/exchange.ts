import type { IncomingHttpHeaders } from 'node:http';
import type { Agent } from './undici.ts';

/**
 * `status` and `headers` where they came, and `body` where all of it did; else `error`, which is `unsent`
 * where there was no connection yet to send anything over.
 */
export type Exchange = { status?: number; headers?: IncomingHttpHeaders } & (
  | { body: string }
  | { error: unknown; unsent: boolean }
);

/** One request and its answer, read as a whole, without the streams and signals that a fetch has. */
export function exchange(
  agent: Agent,
  url: URL,
  {
    milliseconds,
    ...options
  }: {
    method: 'GET' | 'POST';
    headers: Record<string, string>;
    body: string | null;
    /** For the whole of it. */
    milliseconds: number;
  },
): Promise<Exchange> {
  return new Promise((resolve) => {
    let came: { status: number; headers: IncomingHttpHeaders } | undefined;
    let abort: ((reason: Error) => void) | undefined;
    let timeout: Error | undefined;
    const chunks: Buffer[] = [];

    const timer = setTimeout(() => {
      timeout = new DOMException('', 'TimeoutError');
      abort?.(timeout);
      fail(timeout);
    }, milliseconds);

    function fail(error: unknown) {
      clearTimeout(timer);
      resolve({ ...came, error, unsent: abort === undefined });
    }

    agent.dispatch(
      { ...options, origin: url.origin, path: url.pathname + url.search },
      {
        onRequestStart(controller) {
          // with a connection at hand
          if (timeout) controller.abort(timeout);
          else abort = (reason) => controller.abort(reason);
        },
        onResponseStart(_controller, status, headers) {
          // 1xx only say that the answer is on its way
          if (status >= 200) came = { status, headers };
        },
        onResponseData: (_controller, chunk) => void chunks.push(chunk),
        onResponseEnd() {
          clearTimeout(timer);
          resolve({ ...came, body: textOf(chunks) });
        },
        onResponseError: (_controller, error) => fail(error),
      },
    );
  });
}

/** Without the mark that some put before a text, and that no JSON may begin with. */
function textOf(chunks: Buffer[]): string {
  const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString('utf8') ?? '';
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

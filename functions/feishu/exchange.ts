import type { IncomingHttpHeaders } from 'node:http';
import type { Agent } from './undici.ts';

/** `status` and `headers` where they came, and `body` where all of it did; else `error`. */
export type Exchange = { status?: number; headers?: IncomingHttpHeaders } & (
  | { body: string }
  | { error: unknown }
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
      end({ error: timeout });
    }, milliseconds);

    function end(how: { body: string } | { error: unknown }) {
      clearTimeout(timer);
      resolve({ ...came, ...how });
    }

    agent.dispatch(
      { ...options, origin: url.origin, path: url.pathname + url.search },
      {
        onRequestStart(controller) {
          if (timeout) controller.abort(timeout);
          else abort = (reason) => controller.abort(reason);
        },
        onResponseStart(_controller, status, headers) {
          // 1xx only say that the answer is on its way
          if (status >= 200) came = { status, headers };
        },
        onResponseData: (_controller, chunk) => void chunks.push(chunk),
        onResponseEnd: () => end({ body: textOf(chunks) }),
        onResponseError: (_controller, error) => end({ error }),
      },
    );
  });
}

/** Without the mark that some put before a text, and that no JSON may begin with. */
function textOf(chunks: Buffer[]): string {
  const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString('utf8') ?? '';
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

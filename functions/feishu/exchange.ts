import type { IncomingHttpHeaders } from 'node:http';
import { Agent, type AgentOptions } from './undici.ts';

export type Head = { httpStatus: number; headers: IncomingHttpHeaders };

/** An answer, or what became of a request without a whole one: `head` is there where that came. */
export type Exchange =
  | (Head & { body: string })
  | { head: Head | undefined; error: unknown; delivery: Delivery };

/**
 * Whether the request got through: `unsent` where there was no connection in time, `unsure` where it went
 * over one that had been idle and never gave a sign of life, `sent` otherwise.
 */
type Delivery = 'unsent' | 'unsure' | 'sent';

type ExchangeOptions = {
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body: string | null;
  /** For the whole of it. */
  milliseconds: number;
};

export type HttpClient = {
  /** One request and its answer, read as a whole, without the streams and signals that a fetch has. */
  exchange(url: string, options: ExchangeOptions): Promise<Exchange>;
  destroy(): Promise<void>;
};

/** Keeps its connections for further requests. */
export function httpClient(options: AgentOptions = {}): HttpClient {
  const agent = new Agent(options);
  const isOpening = watchOpenings(agent);
  return {
    exchange: (url, options) => exchange({ agent, isOpening }, url, options),
    destroy: () => agent.destroy(),
  };
}

/** Whether a connection has been opened just now: undici starts what it was opened for as soon as it has told of it. */
function watchOpenings(agent: Agent): () => boolean {
  let isOpening = false;
  agent.on('connect', () => {
    isOpening = true;
    queueMicrotask(() => {
      isOpening = false;
    });
  });
  return () => isOpening;
}

function exchange(
  { agent, isOpening }: { agent: Agent; isOpening: () => boolean },
  url: string,
  { method, headers, body, milliseconds }: ExchangeOptions,
): Promise<Exchange> {
  return new Promise((resolve) => {
    let head: Head | undefined;
    let delivery: Delivery = 'unsent';
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
      resolve({ head, error, delivery });
    }

    agent.dispatch(
      { ...addressOf(url), method, headers, body },
      {
        onRequestStart(controller) {
          delivery = isOpening() ? 'sent' : 'unsure';
          // with a connection at hand
          if (timeout) controller.abort(timeout);
          else abort = (reason) => controller.abort(reason);
        },
        onResponseStart(_controller, httpStatus, headers) {
          delivery = 'sent';
          // 1xx only say that the answer is on its way
          if (httpStatus >= 200) head = { httpStatus, headers };
        },
        onResponseData: (_controller, chunk) => void chunks.push(chunk),
        onResponseEnd() {
          if (!head) return fail(new Error('an answer without a status'));
          clearTimeout(timer);
          const { httpStatus, headers } = head;
          const answer = { httpStatus, headers, body: textOf(chunks) };
          // undici lends a connection out again two turns of the event loop later, and would open another
          // one, TLS and all, for the request that follows at once: after a token, or after a refusal
          // (of which hardly any comes with a 200)
          const isFollowed = method === 'POST' || httpStatus >= 400;
          if (isFollowed) setImmediate(() => setImmediate(resolve, answer));
          else resolve(answer);
        },
        onResponseError: (_controller, error) => fail(error),
      },
    );
  });
}

/** The addresses that come here were checked when they were read: there is no need to parse one for every query. */
function addressOf(url: string): { origin: string; path: string } {
  const slash = url.indexOf('/', url.indexOf('://') + 3);
  return slash < 0
    ? { origin: url, path: '/' }
    : { origin: url.slice(0, slash), path: url.slice(slash) };
}

/** Without the mark that some put before a text, and that no JSON may begin with. */
function textOf(chunks: Buffer[]): string {
  const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString('utf8') ?? '';
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

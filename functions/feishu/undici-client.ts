import {
  AnswerTooLong,
  type ClientOptions,
  type Delivery,
  type Exchange,
  type ExchangeOptions,
  type Head,
  type HttpClient,
  textOf,
} from './exchange.ts';
import { errors, Pool } from './undici.ts';

/** Over undici, without the streams and signals that its own request has. Keeps its connections for further requests. */
export function undiciClient({
  timeoutMs,
  mostConnections,
  keptMs,
  longestBody,
}: ClientOptions): HttpClient {
  const poolOptions = {
    // over HTTP/2 undici would repeat a refused request by itself, unseen and uncounted
    allowH2: false,
    keepAliveTimeout: keptMs,
    keepAliveMaxTimeout: keptMs,
    connections: mostConnections,
    maxResponseSize: longestBody,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  };
  const origins = new Map<string, Origin>();

  function connectionsTo(origin: string): Origin {
    const known = origins.get(origin);
    if (known) return known;
    const pool = new Pool(origin, poolOptions);
    const opened = { pool, isOpening: watchOpenings(pool) };
    origins.set(origin, opened);
    return opened;
  }

  return {
    exchange(url, options) {
      const { origin, path } = addressOf(url);
      return exchange(connectionsTo(origin), path, options);
    },
    async destroy() {
      await Promise.all([...origins.values()].map(({ pool }) => pool.destroy()));
    },
  };
}

/** The connections to one server. */
type Origin = { pool: Pool; isOpening: () => boolean };

/** Whether a connection has been opened just now: undici starts what it was opened for as soon as it has told of it. */
function watchOpenings(pool: Pool): () => boolean {
  let isOpening = false;
  pool.on('connect', () => {
    isOpening = true;
    queueMicrotask(() => {
      isOpening = false;
    });
  });
  return () => isOpening;
}

function exchange(
  { pool, isOpening }: Origin,
  path: string,
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
      const isTooLong = error instanceof errors.ResponseExceededMaxSizeError;
      resolve({ head, error: isTooLong ? new AnswerTooLong(error.message) : error, delivery });
    }

    pool.dispatch(
      { path, method, headers, body },
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

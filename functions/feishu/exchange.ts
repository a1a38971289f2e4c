import type { IncomingHttpHeaders } from 'node:http';

// One request over HTTP/1.1, and its answer read as a whole.

export type Head = { httpStatus: number; headers: IncomingHttpHeaders };

/** An answer, or what became of a request without a whole one: `head` is there where that came. */
export type Exchange =
  | (Head & { body: string })
  | { head: Head | undefined; error: unknown; delivery: Delivery };

/**
 * Whether the request got through: `unsent` where there was no connection in time, `unsure` where it went
 * over one that had been idle and never gave a sign of life, `sent` otherwise.
 */
export type Delivery = 'unsent' | 'unsure' | 'sent';

export type ExchangeOptions = {
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body: string | null;
  /** For the whole of it. */
  milliseconds: number;
};

export type HttpClient = {
  exchange(url: string, options: ExchangeOptions): Promise<Exchange>;
  /** Closes its connections. */
  destroy(): Promise<void>;
};

export type ClientOptions = {
  /** The longest that any exchange may take: milliseconds. */
  timeoutMs: number;
  /** To one origin. */
  mostConnections: number;
  /** Milliseconds that a connection is kept for further requests. */
  keptMs: number;
  /** Bytes. */
  longestBody: number;
};

/** An answer of more bytes than anything that Feishu says. */
export class AnswerTooLong extends Error {
  override readonly name = 'AnswerTooLong';
}

/** How a connection ends that the other side has given up. */
export function isDeadSocket(error: unknown): boolean {
  return hasCode(error) && ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(error.code);
}

export function hasCode(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

/** Without the mark that some put before a text, and that no JSON may begin with. */
export function textOf(chunks: Buffer[]): string {
  const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString('utf8') ?? '';
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

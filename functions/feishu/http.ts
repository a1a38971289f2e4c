import type { NoAnswer } from '../core/answer.ts';
import { nodeThenUndici } from './clients-in-turn.ts';
import {
  AnswerTooLong,
  type ClientOptions,
  type Head,
  type HttpClient,
  hasCode,
  isDeadSocket,
} from './exchange.ts';

export type HttpRequest = {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** Milliseconds by `now`, shared by all requests of a step. */
  deadline: number;
  /** Over a connection of its own and never repeated, for what must not be done twice. */
  onlyOnce?: boolean;
  /** False where the step has had its second request: then none is repeated. */
  mayRepeat?: boolean;
};

/** `repeated` where the connection of a first request had died. */
export type HttpAnswer = { kind: 'http'; body: string; repeated?: true } & Head;

export type SendHttp = (request: HttpRequest) => Promise<HttpAnswer | NoAnswer>;

const connectionOptions = {
  // where thousands of imports share this process, a socket for each would take it longer to keep
  // than to use: most of a step's time would be spent on connecting. (To one origin; as many again
  // for a moment, while one client takes over from the other.)
  mostConnections: 128,
  // a function that was frozen finds its idle sockets dead: keep them for a burst, no longer
  keptMs: 4000,
  longestBody: 1024 * 1024,
};

type Options = {
  timeoutMs: number;
  now: () => number;
  makeClient?: (options: ClientOptions) => HttpClient;
};

/**
 * Sends requests over keep-alive connections, each for `timeoutMs` at the longest and never past
 * its deadline. Redirects are not followed: an `Authorization` header goes nowhere else.
 */
export function httpSender({ timeoutMs, now, makeClient = nodeThenUndici }: Options): SendHttp {
  const options = { ...connectionOptions, timeoutMs };
  const sharedClient = makeClient(options);

  async function send(sent: HttpRequest, isRepeat: boolean): Promise<HttpAnswer | NoAnswer> {
    const { method, url, headers, body = null, deadline, onlyOnce, mayRepeat = true } = sent;
    const milliseconds = Math.min(timeoutMs, Math.floor(deadline - now()));
    if (milliseconds < 1) return noTimeLeft;

    const client = onlyOnce ? makeClient(options) : sharedClient;
    const came = await client.exchange(url, { method, headers, body, milliseconds });
    if (onlyOnce) await client.destroy();
    if ('body' in came) {
      const { httpStatus, headers, body } = came;
      return { kind: 'http', httpStatus, headers, body, ...(isRepeat && { repeated: true }) };
    }

    const { head, error, delivery } = came;
    // the socket had died while it was idle, so the request never got through; whatever must not be
    // sent twice is sent over a socket of its own
    if (!isRepeat && mayRepeat && delivery === 'unsure' && isDeadSocket(error)) {
      return send(sent, true);
    }
    // a page of that size is no answer of Feishu's, but its status still says no
    if (head && head.httpStatus >= 400 && isTooLong(error)) {
      return { kind: 'http', ...head, body: '' };
    }
    return {
      ...noAnswer(error, milliseconds),
      ...(head && { httpStatus: head.httpStatus }),
      ...(delivery === 'unsent' && { unsent: true }),
    };
  }

  return (sent) => send(sent, false);
}

const noTimeLeft: NoAnswer = {
  kind: 'no_answer',
  reason: 'there was no time left to ask',
  reasonZh: '已没有时间发起请求',
  unsent: true,
};

/** undici's and Node's errors name no header's value and no body, so no secret either. */
function noAnswer(error: unknown, milliseconds: number): NoAnswer {
  // a host with several addresses fails with an error for each, and with no message of its own
  if (error instanceof AggregateError) return noAnswer(error.errors[0], milliseconds);
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return {
      kind: 'no_answer',
      reason: `no whole answer within ${milliseconds} ms`,
      reasonZh: `${milliseconds} 毫秒内未收到完整的响应`,
    };
  }
  if (isTooLong(error)) {
    return {
      kind: 'no_answer',
      reason: `an answer of more than ${connectionOptions.longestBody} bytes`,
      reasonZh: `响应超过 ${connectionOptions.longestBody} 字节`,
    };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { kind: 'no_answer', reason: hasCode(error) ? `${reason} (${error.code})` : reason };
}

function isTooLong(error: unknown): boolean {
  return error instanceof AnswerTooLong;
}

import { STATUS_CODES } from 'node:http';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

type Fault = { path: string; message: string };

/** A fault that the caller is told of as `application/problem+json` (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly errors: readonly Fault[] | undefined;

  constructor(
    status: number,
    detail: string,
    { headers = {}, errors }: { headers?: Record<string, string>; errors?: readonly Fault[] } = {},
  ) {
    super(detail);
    this.status = status;
    this.headers = headers;
    this.errors = errors;
  }
}

export function problemAnswer(problem: Problem): APIGatewayProxyStructuredResultV2 {
  const { status, message, errors, headers } = problem;
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...headers,
    },
    body: JSON.stringify({
      type: 'about:blank',
      title: STATUS_CODES[status],
      status,
      detail: message,
      errors,
    }),
  };
}

export function invalid(errors: readonly Fault[]): Problem {
  return new Problem(400, errors.map(({ message }) => message).join('; '), { errors });
}

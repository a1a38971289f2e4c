import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** What API Gateway says itself has a shape of its own. */
export function gatewayAnswer(
  statusCode: number,
  message: string,
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
  };
}

const thisMachine = /^(localhost|[\w.-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * Requests that no function gets to see. API Gateway too knows only its own names: here it keeps out
 * web pages, whose owner may have pointed a name of theirs at this machine (DNS rebinding).
 */
export function refusalOf({
  url = '',
  httpVersion,
  headersDistinct,
}: IncomingMessage): APIGatewayProxyStructuredResultV2 | undefined {
  const { host: hosts = [], 'transfer-encoding': codings = ['chunked'] } = headersDistinct;
  const isClear = hosts.length === 1 || (hosts.length === 0 && httpVersion !== '1.1');
  // a body in another coding would be read as what it is not
  const isPlain = codings.join(',').toLowerCase() === 'chunked';
  if (!isClear || !isPlain || !url.startsWith('/')) return gatewayAnswer(400, 'Bad Request');
  return hosts.every((host) => thisMachine.test(host))
    ? undefined
    : gatewayAnswer(403, 'Forbidden');
}

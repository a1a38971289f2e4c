import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Endpoint } from '../../functions/api/endpoint.ts';
import { answerBrokenRequests } from './broken-requests.ts';
import { gatewayAnswer, refusalOf } from './gateway-refusals.ts';

export type LocalApi = { url: string; close(): Promise<void> };

/** API Gateway's own limit, which it answers before any function runs. */
const longestBody = 10 * 1024 * 1024;

/** Content types whose bodies an HTTP API passes on as text; all others it passes on in base64. */
const textTypes = /^(text\/.*|application\/(json|xml|javascript|[\w.-]+\+json))\s*(;|$)/i;

/**
 * An HTTP API as API Gateway runs it, on loopback: requests become payload 2.0 events for the
 * function whose route (`GET /imports/{id}`, `ANY /imports`, `$default`) fits best. Rejects where the
 * port is in use.
 */
export async function startLocalApi(
  routes: Record<string, Endpoint>,
  { port = 0 }: { port?: number } = {},
): Promise<LocalApi> {
  const find = router(Object.keys(routes));

  async function answer(request: IncomingMessage): Promise<APIGatewayProxyStructuredResultV2> {
    const refusal = refusalOf(request);
    if (refusal) return refusal;
    const body = await bodyOf(request);
    if (body === undefined) return gatewayAnswer(413, 'Request Entity Too Large');

    const target = targetOf(request);
    const found = find(request.method ?? '', target.path);
    const run = found && routes[found.routeKey];
    return run ? run(toEvent(request, target, body, found)) : gatewayAnswer(404, 'Not Found');
  }

  // a request without a host is refused like every other that is not in order
  const server = createServer({ requireHostHeader: false }, async (request, response) => {
    try {
      const { statusCode = 200, headers = {}, body = '' } = await answer(request);
      response.writeHead(statusCode, headers as Record<string, string>).end(body);
    } catch (error) {
      // a caller who hangs up has nobody to answer to
      if (!request.complete) return void response.destroy();
      console.error(error);
      const { headers, body } = gatewayAnswer(500, 'Internal Server Error');
      response.writeHead(500, headers as Record<string, string>).end(body);
    }
  });
  answerBrokenRequests(server);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Target = { path: string; query: string };

/** As it was sent: a URL would resolve `..` and turn `\\` into `/`, and so find another route than AWS. */
function targetOf({ url = '' }: IncomingMessage): Target {
  const [path = ''] = url.split('?', 1);
  return { path, query: url.slice(path.length + 1) };
}

type FoundRoute = { routeKey: string; pathParameters: Record<string, string> };

/** The most specific route wins: a method before ANY, and both before $default. */
function router(routeKeys: string[]) {
  const routes = routeKeys
    .filter((routeKey) => routeKey !== '$default')
    .map((routeKey) => {
      const [method = '', path = ''] = routeKey.split(' ');
      const pattern = path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
      return { routeKey, method, pattern: new RegExp(`^${pattern}$`) };
    })
    .sort((one, other) => Number(one.method === 'ANY') - Number(other.method === 'ANY'));

  return (method: string, path: string): FoundRoute | undefined => {
    for (const { routeKey, method: expected, pattern } of routes) {
      const match = expected === method || expected === 'ANY' ? pattern.exec(path) : null;
      if (match) return { routeKey, pathParameters: decoded(match.groups ?? {}) };
    }
    return routeKeys.includes('$default')
      ? { routeKey: '$default', pathParameters: {} }
      : undefined;
  };
}

function decoded(groups: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(groups).map(([name, text]) => {
      try {
        return [name, decodeURIComponent(text)];
      } catch {
        return [name, text];
      }
    }),
  );
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= longestBody) chunks.push(chunk);
  }
  return length > longestBody ? undefined : Buffer.concat(chunks);
}

function toEvent(
  request: IncomingMessage,
  { path, query: rawQueryString }: Target,
  body: Buffer,
  { routeKey, pathParameters }: FoundRoute,
): APIGatewayProxyEventV2 {
  const headers = Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values = []]) => [name, values.join(',')]),
  );
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const before = query.get(name);
    query.set(name, before === undefined ? value : `${before},${value}`);
  }
  const isText = textTypes.test(headers['content-type'] ?? 'text/plain');
  const method = request.method ?? '';
  const now = new Date();
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString,
    headers,
    ...(query.size > 0 && { queryStringParameters: Object.fromEntries(query) }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    requestContext: {
      accountId: '123456789012',
      apiId: 'local',
      domainName: headers.host ?? '127.0.0.1',
      domainPrefix: 'local',
      http: {
        method,
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

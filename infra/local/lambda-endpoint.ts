import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { invoke, type LocalFunction } from './step-functions/lambda.ts';

export type LambdaEndpointOptions = {
  /** By their names. */
  functions: Record<string, LocalFunction>;
  /** The functions' own timeout. */
  timeoutMs?: number;
  port?: number;
};

const invocation = /^\/2015-03-31\/functions\/([^/]+)\/invocations(\?.*)?$/;

/** Lambda's Invoke on the loopback interface, for an engine in another process. */
export async function startLambdaEndpoint({
  functions,
  timeoutMs = 45_000,
  port = 0,
}: LambdaEndpointOptions) {
  async function answer(request: IncomingMessage, response: ServerResponse) {
    const [, encoded = ''] = invocation.exec(request.url ?? '') ?? [];
    // a name, or an ARN with or without a version
    const target = decodeURIComponent(encoded);
    const name = /^arn:[^:]*:lambda:[^:]*:[^:]*:function:([^:]+)/.exec(target)?.[1] ?? target;
    const run = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (!run) return reply(response, 404, notFound(target));

    const event = JSON.parse((await text(request)) || '{}');
    const outcome = await invoke(run, target, event, timeoutMs);
    if ('output' in outcome) return reply(response, 200, { body: outcome.output });
    return reply(response, 200, {
      headers: { 'x-amz-function-error': 'Unhandled' },
      body: reportOf(outcome),
    });
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) =>
      reply(response, 500, {
        headers: { 'x-amzn-errortype': 'ServiceException' },
        body: { Type: 'Service', Message: String(error) },
      }),
    );
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: boundPort } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${boundPort}`,
    port: boundPort,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What a function failed with, as it reports it itself; what the service makes of it is no JSON. */
function reportOf({ error, cause }: { error: string; cause: string }): unknown {
  return cause.startsWith('{') ? JSON.parse(cause) : { errorType: error, errorMessage: cause };
}

type Reply = { headers?: Record<string, string>; body: unknown };

const notFound = (target: string): Reply => ({
  headers: { 'x-amzn-errortype': 'ResourceNotFoundException' },
  body: { Type: 'User', Message: `Function not found: ${target}` },
});

function reply(response: ServerResponse, status: number, { headers, body }: Reply) {
  const json = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(json),
    // clients of AWS read it from every answer
    'x-amzn-requestid': randomUUID(),
    'x-amz-executed-version': '$LATEST',
    ...headers,
  });
  response.end(json);
}

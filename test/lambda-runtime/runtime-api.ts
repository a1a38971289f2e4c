import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const runtime = createRequire(import.meta.url).resolve('aws-lambda-ric');
const nativeClient = new URL('native-client.mjs', import.meta.url).href;

/**
 * Runs a function in the runtime that AWS runs it in, by way of the runtime's own API on loopback,
 * and tells what it answered and what it wrote.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export async function runInLambda(
  {
    folder,
    handler,
    settings,
  }: { folder: string; handler: string; settings: Record<string, string> },
  event: unknown,
): Promise<{ answer: unknown; written: string[] }> {
  const answered = Promise.withResolvers<unknown>();
  const waiting: ServerResponse[] = [];
  let invocations = 0;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (request.method === 'GET') {
      // after the one invocation the runtime waits for another that never comes
      if (++invocations > 1) return void waiting.push(response);
      response.writeHead(200, {
        'lambda-runtime-aws-request-id': 'request-1',
        'lambda-runtime-deadline-ms': String(Date.now() + 30_000),
        'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:123456789012:function:f',
      });
      return void response.end(JSON.stringify(event));
    }
    response.writeHead(202).end();
    answered.resolve(JSON.parse(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, ['--import', nativeClient, runtime], {
    cwd: folder,
    env: {
      PATH,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      // the runtime's other client is a native addon
      AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true',
      AWS_LAMBDA_LOG_FORMAT: 'JSON',
      AWS_LAMBDA_LOG_LEVEL: 'INFO',
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_FUNCTION_VERSION: '1',
      AWS_LAMBDA_LOG_GROUP_NAME: 'group',
      AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
      LAMBDA_TASK_ROOT: folder,
      _HANDLER: handler,
      ...settings,
    },
  });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = once(child, 'close').then(() => undefined);
  const answer = await Promise.race([answered.promise, ended]);
  child.kill();
  await ended;
  for (const response of waiting) response.destroy();
  server.close();
  return { answer, written: (await output).join('').split('\n').filter(Boolean) };
}

import { once } from 'node:events';
import { createServer, type OutgoingHttpHeaders, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect, onTestFinished, test } from 'vitest';
import type { Endpoint } from '../../functions/api/endpoint.ts';
import { startLocalApi } from '../../infra/local/api-gateway.ts';
import { keepLog } from '../keep-log.ts';

type Request = { method?: string; headers?: OutgoingHttpHeaders; body?: string | Buffer };

/** An API with some routes, and the events that its functions were called with. */
async function startApi(routeKeys: string[], answer?: Endpoint) {
  const events: APIGatewayProxyEventV2[] = [];
  const run: Endpoint = async (event) => {
    events.push(event);
    return answer ? answer(event) : { statusCode: 204 };
  };
  const api = await startLocalApi(Object.fromEntries(routeKeys.map((key) => [key, run])));
  onTestFinished(api.close);

  /** A request as it is, without anything that a more helpful client would change. */
  async function send(path: string, { method = 'GET', headers = {}, body = '' }: Request = {}) {
    const { hostname, port } = new URL(api.url);
    const outgoing = request({ hostname, port, path, method, headers, agent: false }).end(body);
    const [response] = await once(outgoing, 'response');
    return { status: response.statusCode, headers: response.headers, text: await text(response) };
  }

  /** The event that a request becomes. */
  async function eventOf(path: string, options?: Request): Promise<APIGatewayProxyEventV2> {
    await send(path, options);
    const event = events.at(-1);
    if (!event) throw new Error('No function was called');
    return event;
  }

  return { api, events, send, eventOf };
}

test('makes a request a payload 2.0 event', async () => {
  const { api, eventOf } = await startApi(['POST /imports/{id}']);
  const headers = { 'content-type': 'application/json', 'user-agent': 'a test' };

  const event = await eventOf('/imports/a?b=c', { method: 'POST', headers, body: '{}' });

  const host = new URL(api.url).host;
  expect(event).toEqual({
    version: '2.0',
    routeKey: 'POST /imports/{id}',
    rawPath: '/imports/a',
    rawQueryString: 'b=c',
    headers: expect.objectContaining({ ...headers, host }),
    queryStringParameters: { b: 'c' },
    pathParameters: { id: 'a' },
    requestContext: {
      accountId: expect.stringMatching(/^\d{12}$/),
      apiId: 'local',
      domainName: host,
      domainPrefix: 'local',
      http: {
        method: 'POST',
        path: '/imports/a',
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: 'a test',
      },
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      routeKey: 'POST /imports/{id}',
      stage: '$default',
      time: expect.any(String),
      timeEpoch: expect.any(Number),
    },
    body: '{}',
    isBase64Encoded: false,
  });
});

test('leaves out what a request has not', async () => {
  const { eventOf } = await startApi(['GET /imports']);

  const event = await eventOf('/imports');

  expect(event).toMatchObject({ rawQueryString: '', isBase64Encoded: false });
  for (const field of ['queryStringParameters', 'pathParameters', 'body']) {
    expect(event).not.toHaveProperty(field);
  }
});

test('gives each request an id of its own', async () => {
  const { eventOf } = await startApi(['GET /imports']);

  const ids = [await eventOf('/imports'), await eventOf('/imports')].map(
    ({ requestContext }) => requestContext.requestId,
  );

  expect(new Set(ids).size).toBe(2);
});

test('lower-cases the names of headers, and joins those that are repeated by commas', async () => {
  const { eventOf } = await startApi(['GET /imports']);

  const { headers } = await eventOf('/imports', {
    headers: { 'X-Trace': ['one', 'two'], 'Content-Type': 'text/plain', Accept: 'a, b' },
  });

  expect(headers).toMatchObject({
    'x-trace': 'one,two',
    'content-type': 'text/plain',
    accept: 'a, b',
  });
});

test('decodes query parameters, and joins those that are repeated by commas', async () => {
  const { eventOf } = await startApi(['GET /imports']);

  const event = await eventOf('/imports?a=1&b=x%20y+z&a=2&empty=&%E5%AF%BC=%E5%85%A5');

  expect(event.queryStringParameters).toEqual({ a: '1,2', b: 'x y z', empty: '', 导: '入' });
  expect(event.rawQueryString).toBe('a=1&b=x%20y+z&a=2&empty=&%E5%AF%BC=%E5%85%A5');
});

test.for([
  ['a%2Fb', 'a/b'],
  ['%E5%AF%BC', '导'],
  ['100%', '100%'],
  ['a+b', 'a+b'],
] as const)('decodes the path parameter %s as %s', async ([encoded, id]) => {
  const { eventOf } = await startApi(['GET /imports/{id}']);

  const event = await eventOf(`/imports/${encoded}`);

  expect(event.pathParameters).toEqual({ id });
  expect(event.rawPath).toBe(`/imports/${encoded}`);
});

test.for([
  'application/json',
  'application/json; charset=utf-8',
  'Application/JSON',
  'application/problem+json',
  'application/xml',
  'text/csv',
])('passes on a body of type %s as text', async (contentType) => {
  const { eventOf } = await startApi(['POST /imports']);
  const headers = { 'content-type': contentType };

  const event = await eventOf('/imports', { method: 'POST', headers, body: '导入' });

  expect(event).toMatchObject({ body: '导入', isBase64Encoded: false });
});

test.for(['application/octet-stream', 'image/png', 'application/x-www-form-urlencoded'])(
  'passes on a body of type %s in base64',
  async (contentType) => {
    const { eventOf } = await startApi(['POST /imports']);
    const headers = { 'content-type': contentType };
    const body = Buffer.from([0, 255, 128]);

    const event = await eventOf('/imports', { method: 'POST', headers, body });

    expect(event).toMatchObject({ body: 'AP+A', isBase64Encoded: true });
  },
);

const routeKeys = [
  '$default',
  'ANY /imports/{id}',
  'ANY /imports',
  'GET /imports/{id}',
  'GET /imports',
  'POST /imports',
];

test.for([
  ['GET', '/imports', 'GET /imports'],
  ['POST', '/imports', 'POST /imports'],
  ['PUT', '/imports', 'ANY /imports'],
  ['GET', '/imports/a', 'GET /imports/{id}'],
  ['DELETE', '/imports/a', 'ANY /imports/{id}'],
  ['GET', '/imports/', '$default'],
  ['GET', '/imports/a/b', '$default'],
  ['GET', '/', '$default'],
] as const)('gives %s %s to the route %s', async ([method, path, routeKey]) => {
  const { eventOf } = await startApi(routeKeys);

  expect((await eventOf(path, { method })).routeKey).toBe(routeKey);
});

test('says Not Found itself where no route fits', async () => {
  const { send, events } = await startApi(['GET /imports']);

  const { status, headers, text: body } = await send('/elsewhere');

  expect(status).toBe(404);
  expect(headers).toMatchObject({ 'content-type': 'application/json' });
  expect(JSON.parse(body)).toEqual({ message: 'Not Found' });
  expect(events).toEqual([]);
});

test('passes on the answer of the function', async () => {
  const { send } = await startApi(['GET /imports'], async () => ({
    statusCode: 418,
    headers: { 'x-answer': 'yes', 'content-type': 'text/plain' },
    body: '导入',
  }));

  const { status, headers, text: body } = await send('/imports');

  expect(status).toBe(418);
  expect(headers).toMatchObject({ 'x-answer': 'yes', 'content-type': 'text/plain' });
  expect(body).toBe('导入');
});

test('answers as API Gateway does when a function throws, and logs what', async () => {
  const log = keepLog();
  const thrown = new Error('a secret');
  const { send } = await startApi(['GET /imports'], async () => {
    throw thrown;
  });

  const { status, headers, text: body } = await send('/imports');

  expect(status).toBe(500);
  expect(headers).toMatchObject({ 'content-type': 'application/json' });
  expect(JSON.parse(body)).toEqual({ message: 'Internal Server Error' });
  expect(log).toEqual([thrown]);
});

test('serves on after a function has thrown', async () => {
  keepLog();
  const answers = [new Error('once'), { statusCode: 200 }];
  const { send } = await startApi(['GET /imports'], async () => {
    const answer = answers.shift();
    if (answer instanceof Error || !answer) throw answer;
    return answer;
  });
  await send('/imports');

  expect((await send('/imports')).status).toBe(200);
});

test('refuses a body that is longer than API Gateway takes', async () => {
  const { send, events } = await startApi(['POST /imports']);
  const body = Buffer.alloc(10 * 1024 * 1024 + 1, 'x');

  const { status, text: answer } = await send('/imports', { method: 'POST', body });

  expect(status).toBe(413);
  expect(JSON.parse(answer)).toEqual({ message: 'Request Entity Too Large' });
  expect(events).toEqual([]);
});

test('refuses a request whose target is no path', async () => {
  const { send, events } = await startApi(['$default']);

  expect((await send('*:99999/', { method: 'OPTIONS' })).status).toBe(400);
  expect(events).toEqual([]);
});

test.for([
  ['/a/../imports', '/a/../imports'],
  ['/imports/%2e%2e', '/imports/%2e%2e'],
  ['//imports', '//imports'],
  ['/a\\..\\imports', '/a\\..\\imports'],
  ['/imports%3Fstatus', '/imports%3Fstatus'],
] as const)('takes the path %s as it was sent', async ([path, rawPath]) => {
  const { eventOf } = await startApi(['GET /imports', '$default']);

  expect(await eventOf(path)).toMatchObject({ rawPath, routeKey: '$default' });
});

test.for([
  'localhost',
  'LOCALHOST:3000',
  'api.localhost:1',
  '127.0.0.1:3000',
  '127.1.2.3',
  '[::1]:3000',
])('takes requests to %s', async (host) => {
  const { send } = await startApi(['$default']);

  expect((await send('/', { headers: { host } })).status).toBe(204);
});

test.for([
  'example.com',
  'localhost.example.com',
  '127.0.0.1.example.com',
  '10.0.0.1:3000',
  'localhost:80@example.com',
])('forbids requests to %s, a name that somebody else may have pointed here', async (host) => {
  const { send, events } = await startApi(['$default']);

  const { status, text: answer } = await send('/', { headers: { host } });

  expect(status).toBe(403);
  expect(JSON.parse(answer)).toEqual({ message: 'Forbidden' });
  expect(events).toEqual([]);
});

test('refuses a body in a coding that nobody here reads', async () => {
  const { send, events } = await startApi(['$default']);
  const headers = { 'transfer-encoding': 'gzip, chunked' };

  expect((await send('/', { method: 'POST', headers, body: 'x' })).status).toBe(400);
  expect(events).toEqual([]);
});

test('serves on when a caller hangs up in the middle of a body', async () => {
  const log = keepLog();
  const { api, send, events } = await startApi(['POST /imports']);
  const { port, hostname } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  socket.write('POST /imports HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{"ticket"');
  await once(socket, 'connect');
  await new Promise((resolve) => setTimeout(resolve, 20));

  socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));

  expect((await send('/imports', { method: 'POST', body: '{}' })).status).toBe(204);
  expect(events).toHaveLength(1);
  expect(log).toEqual([]);
});

test('serves on when a caller hangs up before the answer', async () => {
  const log = keepLog();
  const called = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<{ statusCode: number }>();
  const { api, send } = await startApi(['GET /imports'], () => {
    called.resolve();
    return answer.promise;
  });
  const { port, hostname } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  socket.write('GET /imports HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await called.promise;

  socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  answer.resolve({ statusCode: 200 });

  expect((await send('/imports')).status).toBe(200);
  expect(log).toEqual([]);
});

test('rejects where the port is in use', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;

  await expect(startLocalApi({}, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('listens on its loopback address only', async () => {
  const { api } = await startApi(['GET /imports']);
  const { port } = new URL(api.url);

  await expect(fetch(`http://127.0.0.2:${port}/imports`)).rejects.toThrow();
});

test('closes though callers keep their connections, and does so twice without complaint', async () => {
  const { api } = await startApi(['GET /imports']);
  const { port, hostname } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');

  await api.close();
  await api.close();

  await expect(fetch(`${api.url}/imports`)).rejects.toThrow();
  socket.destroy();
});

import { expect, test } from 'vitest';
import { endpoint } from '../../functions/api/endpoint.ts';
import { keepLog } from '../keep-log.ts';
import { type AwsAnswer, apiEvent, awsFault, startApiAlone } from '../test-workflow.ts';

/** The API's functions before an AWS that answers every call alike. */
function startBefore(answer: AwsAnswer) {
  return startApiAlone({ meddle: async () => answer });
}

const calls = [
  ['POST', 'StartExecution'],
  ['GET one', 'DescribeExecution'],
  ['GET by ticket', 'DescribeExecution'],
  ['GET by status', 'ListExecutions'],
  ['DELETE', 'DescribeExecution'],
] as const;

function send(api: Awaited<ReturnType<typeof startBefore>>, call: (typeof calls)[number][0]) {
  switch (call) {
    case 'POST':
      return api.post({ ticket: 'a' });
    case 'GET one':
      return api.get('default_a_1');
    case 'GET by ticket':
      return api.list({ ticket: 'a' });
    case 'GET by status':
      return api.list({ status: 'running' });
    case 'DELETE':
      return api.delete('default_a_1');
  }
}

test.for(calls)(
  '%s is told to come back later when AWS throttles %s',
  async ([call, operation]) => {
    const api = await startBefore(awsFault('ThrottlingException'));

    const { status, headers, json } = await send(api, call);

    expect(status).toBe(429);
    expect(headers).toMatchObject({
      'content-type': 'application/problem+json',
      'retry-after': '5',
    });
    expect(json).toEqual({
      type: 'about:blank',
      title: 'Too Many Requests',
      status: 429,
      detail: 'AWS Step Functions asks for fewer requests: try again soon.',
    });
    expect(api.calls).toEqual([operation]);
  },
);

test.for(['TooManyRequestsException', 'KmsThrottlingException', 'ExecutionLimitExceeded'])(
  'takes %s for throttling too',
  async (type) => {
    const api = await startBefore(awsFault(type));

    expect((await api.post({ ticket: 'a' })).status).toBe(429);
  },
);

test.for([
  ['fails', awsFault('InternalFailure', 500)],
  ['is not available', { status: 503, body: '<html>Service Unavailable</html>' }],
  ['says nothing', { status: 502, body: '' }],
  ['hangs up', 'hang up'],
] as const)('answers 503 and logs why when AWS %s', async ([, answer]) => {
  const log = keepLog();
  const api = await startBefore(answer);

  const { status, headers, json } = await api.get('default_a_1');

  expect(status).toBe(503);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'retry-after': '5' });
  expect(json).toEqual({
    type: 'about:blank',
    title: 'Service Unavailable',
    status: 503,
    detail: 'AWS Step Functions cannot answer now: try again soon.',
  });
  expect(log).toHaveLength(1);
});

test.for(['AccessDeniedException', 'StateMachineDoesNotExist', 'ExpiredTokenException'])(
  'answers 500 without internals, and logs them, when AWS says %s',
  async (type) => {
    const log = keepLog();
    const api = await startBefore(awsFault(type));

    const { status, headers, json } = await api.post({ ticket: 'a' });

    expect(status).toBe(500);
    expect(headers).not.toHaveProperty('retry-after');
    expect(json).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      detail: 'Something broke here; the log of the function says what.',
    });
    expect(log).toMatchObject([{ name: type, message: `${type} of account 42` }]);
  },
);

test.for([new Error('a bug'), 'a text', undefined, { status: 200 }])(
  'answers 500 and logs it when a function throws %j',
  async (thrown) => {
    const log = keepLog();
    const broken = endpoint(async () => {
      throw thrown;
    });

    const { statusCode, body } = await broken(apiEvent('GET /imports'));

    expect(statusCode).toBe(500);
    expect(body).not.toContain('a bug');
    expect(log).toEqual([thrown]);
  },
);

test('logs nothing of what is the fault of the caller', async () => {
  const log = keepLog();
  const api = await startBefore('hang up');

  expect((await api.post({})).status).toBe(400);
  expect((await api.get('a b')).status).toBe(404);

  expect(log).toEqual([]);
});

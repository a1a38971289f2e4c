import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { onTestFinished } from 'vitest';
import type { Endpoint } from '../functions/api/endpoint.ts';
import { cancelImport } from '../functions/cancel-import.ts';
import { executions } from '../functions/executions/executions.ts';
import { importReader } from '../functions/executions/import-reader.ts';
import { getImport } from '../functions/get-import.ts';
import { startImport } from '../functions/start-import.ts';
import { demoApp, type Script, startFeishuSimulator } from '../infra/local/feishu-simulator.ts';
import { type LocalWorkflowOptions, startLocalWorkflow } from '../infra/local/local-workflow.ts';
import { localClient } from '../infra/local/step-functions/client.ts';
import type { ExecutionEnded } from '../infra/local/step-functions/engine.ts';
import type { LocalFunction } from '../infra/local/step-functions/lambda.ts';
import {
  type LocalStepFunctions,
  type LocalStepFunctionsOptions,
  startLocalStepFunctions,
} from '../infra/local/step-functions/server.ts';

export const document = {
  token: 'Fm7osyjtMh5o7Ktrv32c73abcef',
  url: 'https://example.feishu.cn/sheets/Fm7osyjtMh5o7Ktrv32c73abcef',
};

/** What the simulated Feishu says of a ticket. */
export const scripts = {
  succeeds: {
    replies: [{ result: { job_status: 1 } }, { result: { job_status: 0, ...document } }],
  },
  fails: { replies: [{ result: { job_status: 100, job_error_msg: 'encrypted' } }] },
  neverEnds: { replies: [{ result: { job_status: 2 } }] },
  /** Asked twice, then left alone for some seconds, although time flies. */
  isLimited: { replies: [{ result: { job_status: 2 } }, { rateLimit: { resetSeconds: 3000 } }] },
} as const satisfies Record<string, Script>;

/** Other state machines: they wait for ever, or end at once. */
export const machines = {
  waits: machine({ Type: 'Wait', Seconds: 1_000_000, End: true }),
  timesOut: machine({ Type: 'Wait', Seconds: 1_000_000, End: true }, 1),
  fails: machine({ Type: 'Fail', Error: 'Other.Error', Cause: 'some text' }),
  failsUnreadably: machine({ Type: 'Fail', Error: 'Feishu.Rejected', Cause: '{"half":' }),
};

function machine(state: object, TimeoutSeconds = 1_000_000_000): string {
  return JSON.stringify({ StartAt: 'Only', TimeoutSeconds, States: { Only: state } });
}

const aslFile = new URL('../infra/import.asl.json', import.meta.url);

type MachineOptions = Partial<Omit<LocalStepFunctionsOptions, 'functions'>> & {
  /** In the query function's place. */
  query?: LocalFunction;
};

/** The state machine alone, or another, a thousand times as fast as real. */
export async function startTestMachine({ definition, query, ...options }: MachineOptions = {}) {
  const endings = newEndings();
  const stepFunctions = await startLocalStepFunctions({
    definition: definition ?? (await readFile(aslFile, 'utf8')),
    functions: query ? { QueryImportFunctionArn: query } : {},
    timeLapse: 1000,
    ...options,
    onExecutionEnded: endings.onExecutionEnded,
  });
  onTestFinished(stepFunctions.close);
  return tools(stepFunctions, endings.ended);
}

/** The whole workflow, a thousand times as fast as real, with a simulated Feishu. */
export async function startTestWorkflow({
  outageSeconds = 10,
  ...options
}: Partial<Omit<LocalWorkflowOptions, 'feishu'>> & { outageSeconds?: number } = {}) {
  const endings = newEndings();
  const simulator = await startFeishuSimulator();
  const workflow = await startLocalWorkflow({
    feishu: { baseUrl: simulator.url, app: demoApp, timeoutMs: 8000, outageSeconds },
    timeLapse: 1000,
    ...options,
    onExecutionEnded: endings.onExecutionEnded,
  });
  onTestFinished(async () => {
    await workflow.close();
    await simulator.close();
  });

  /** A request to the HTTP API. */
  async function call(method: string, path: string, body?: unknown, headers = jsonType) {
    const answer = await fetch(workflow.url + path, {
      method,
      headers: body === undefined ? {} : headers,
      ...(body !== undefined && { body: toBody(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      json: text === '' ? undefined : JSON.parse(text),
    };
  }

  return { simulator, url: workflow.url, call, ...tools(workflow.stepFunctions, endings.ended) };
}

const jsonType: Record<string, string> = { 'content-type': 'application/json' };

function toBody(body: unknown): string | Buffer<ArrayBuffer> {
  if (typeof body === 'string') return body;
  return Buffer.isBuffer(body) ? Buffer.from(body) : JSON.stringify(body);
}

function newEndings() {
  const endings = new Map<string, PromiseWithResolvers<ExecutionEnded>>();
  function endingOf(name: string) {
    const ending = endings.get(name) ?? Promise.withResolvers<ExecutionEnded>();
    endings.set(name, ending);
    return ending;
  }
  return {
    ended: (name: string) => endingOf(name).promise,
    onExecutionEnded: (event: ExecutionEnded) => endingOf(event.executionName).resolve(event),
  };
}

function tools(
  stepFunctions: LocalStepFunctions,
  /** Resolves at the end of the execution with that name. */
  ended: (name: string) => Promise<ExecutionEnded>,
) {
  const { stateMachineArn } = stepFunctions;
  const sfn = localClient(stepFunctions.url, { maxAttempts: 1 });
  onTestFinished(() => sfn.destroy());

  return {
    stepFunctions,
    ended,
    /** One more instance of the functions behind the API, as Lambda runs several. */
    api: (options: ApiOptions = {}) => startApi(stepFunctions, options),
    /** Starts an execution past the API. */
    start: (name: string, input: unknown) =>
      sfn.send(
        new StartExecutionCommand({ stateMachineArn, name, input: toBody(input).toString() }),
      ),
  };
}

type ApiOptions = {
  /** Between two looks for an execution; returns at once unless it is given. */
  sleep?: (milliseconds: number) => Promise<unknown>;
  now?: () => number;
  maxAttempts?: number;
  meddle?: Meddle;
};

/** An API that can only be called in vain, or meddled with. */
export function startApiAlone(options: ApiOptions = {}) {
  const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:import';
  return startApi({ url: 'http://127.0.0.1:1', stateMachineArn }, options);
}

/** The functions behind the HTTP API, called with API Gateway's events; `calls` are those to AWS. */
async function startApi(
  { url, stateMachineArn }: Pick<LocalStepFunctions, 'url' | 'stateMachineArn'>,
  { sleep = async () => {}, now = Date.now, maxAttempts = 1, meddle }: ApiOptions,
) {
  const aws = await startAws(url, meddle);
  const sfn = localClient(aws.url, { maxAttempts });
  onTestFinished(() => sfn.destroy());
  const ofMachine = executions({ sfn, stateMachineArn, sleep });
  const dependencies = { executions: ofMachine, reader: importReader(ofMachine), now };
  const start = startImport(dependencies);
  const get = getImport(dependencies);
  const cancel = cancelImport(dependencies);

  return {
    calls: aws.calls,
    post: (body: unknown, requestId: string = randomUUID()) =>
      answerOf(start, apiEvent('POST /imports', { body: toBody(body).toString(), requestId })),
    get: (id: string) => answerOf(get, apiEvent('GET /imports/{id}', { id })),
    list: (query: Record<string, string>) => answerOf(get, apiEvent('GET /imports', { query })),
    delete: (id: string) => answerOf(cancel, apiEvent('DELETE /imports/{id}', { id })),
  };
}

async function answerOf(endpoint: Endpoint, event: APIGatewayProxyEventV2) {
  const { statusCode: status = 200, headers = {}, body = '' } = await endpoint(event);
  return { status, headers, json: JSON.parse(body) };
}

type EventParts = {
  body?: string;
  isBase64Encoded?: boolean;
  headers?: Record<string, string>;
  query?: Record<string, string>;
  id?: string;
  requestId?: string;
};

/** A request as API Gateway hands it to a function. */
export function apiEvent(
  routeKey: string,
  { body, isBase64Encoded = false, headers = jsonType, query, id, requestId = '' }: EventParts = {},
): APIGatewayProxyEventV2 {
  const [method = '', path = ''] = routeKey.split(' ');
  const rawPath = path.replace('{id}', id ?? '');
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: new URLSearchParams(query).toString(),
    headers,
    ...(query && { queryStringParameters: query }),
    ...(id !== undefined && { pathParameters: { id } }),
    ...(body !== undefined && { body }),
    isBase64Encoded,
    requestContext: {
      accountId: '123456789012',
      apiId: 'test',
      domainName: 'test',
      domainPrefix: 'test',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' },
      requestId,
      routeKey,
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
  };
}

export type AwsAnswer = { status: number; body: string } | 'hang up';

/** Answers in the place of AWS, or passes the call on to it. */
export type Meddle = (operation: string, pass: () => Promise<AwsAnswer>) => Promise<AwsAnswer>;

export function awsFault(type: string, status = 400): AwsAnswer {
  return { status, body: JSON.stringify({ __type: type, message: `${type} of account 42` }) };
}

/** An AWS whose first looks do not see an execution yet. */
export function unseenFor(looks: number): Meddle {
  let left = looks;
  return async (operation, pass) => {
    if (operation !== 'DescribeExecution' || left === 0) return pass();
    left -= 1;
    return awsFault('ExecutionDoesNotExist');
  };
}

/** Stands before Step Functions and keeps a list of the operations called. */
async function startAws(stepFunctionsUrl: string, meddle: Meddle = (_, pass) => pass()) {
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    const target = String(request.headers['x-amz-target']);
    const operation = target.replace('AWSStepFunctions.', '');
    calls.push(operation);
    const body = JSON.stringify(await json(request));
    const answer = await meddle(operation, async () => {
      const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target };
      const passed = await fetch(stepFunctionsUrl, { method: 'POST', headers, body });
      return { status: passed.status, body: await passed.text() };
    });
    if (answer === 'hang up') return void response.destroy();
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { calls, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

import { readFile } from 'node:fs/promises';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { apiDependencies } from '../../functions/api/dependencies.ts';
import type { Endpoint } from '../../functions/api/endpoint.ts';
import { cancelImport } from '../../functions/cancel-import.ts';
import type { QueryConfig } from '../../functions/config.ts';
import type { AwsSecrets } from '../../functions/credentials/aws-secrets.ts';
import { getImport } from '../../functions/get-import.ts';
import {
  type QueryDependencies,
  queryDependencies,
  queryImport,
} from '../../functions/query-import.ts';
import { startImport } from '../../functions/start-import.ts';
import { startLocalApi } from './api-gateway.ts';
import { localClient } from './step-functions/client.ts';
import type { LocalFunction } from './step-functions/lambda.ts';
import {
  type LocalStepFunctions,
  type LocalStepFunctionsOptions,
  startLocalStepFunctions,
} from './step-functions/server.ts';

export type LocalWorkflow = AsyncDisposable & {
  /** Of the HTTP API. */
  url: string;
  stepFunctions: LocalStepFunctions;
  close(): Promise<void>;
};

export type LocalWorkflowOptions = Omit<
  LocalStepFunctionsOptions,
  'definition' | 'functions' | 'port'
> & {
  /** Where Feishu is, and as whom it is asked. */
  feishu: QueryConfig;
  /** In place of AWS's, where the settings name a prefix of secrets. */
  secrets?: AwsSecrets;
  /** Told of every query. */
  observe?: QueryDependencies['observe'];
  /** The query function's clock, in milliseconds. */
  now?: () => number;
  /** What Lambda does with the query function, of which `start` makes a fresh instance; one serves for ever unless told otherwise. */
  lambda?: (start: () => LocalFunction) => LocalFunction;
  /** Of the HTTP API; 0 for any that is free. */
  port?: number;
};

/** The whole workflow on this machine: the state machine, its function, and the HTTP API, as in AWS but for what stands in for AWS. */
export async function startLocalWorkflow({
  feishu,
  secrets,
  observe,
  now = Date.now,
  lambda = (start) => start(),
  port = 0,
  ...options
}: LocalWorkflowOptions): Promise<LocalWorkflow> {
  await using starting = new AsyncDisposableStack();
  const stepFunctions = await startLocalStepFunctions({
    ...options,
    definition: await readFile(new URL('../import.asl.json', import.meta.url), 'utf8'),
    functions: {
      QueryImportFunctionArn: lambda(() =>
        queryImport({ ...queryDependencies(feishu, now, secrets), observe }),
      ),
    },
  });
  starting.defer(stepFunctions.close);
  const { url: endpoint, stateMachineArn } = stepFunctions;
  const sfn = localClient(endpoint);
  starting.defer(() => sfn.destroy());
  const routes = { ...apiRoutes({ sfn, stateMachineArn }), 'GET /openapi.json': describeApi };
  const api = await startLocalApi(routes, { port });
  starting.defer(api.close);

  const started = starting.move();
  const close = () => started.disposeAsync();
  return { url: api.url, stepFunctions, close, [Symbol.asyncDispose]: close };
}

/** The routes of the HTTP API and the functions behind them. */
export function apiRoutes({
  sfn,
  stateMachineArn,
}: {
  sfn: SFNClient;
  stateMachineArn: string;
}): Record<string, Endpoint> {
  const dependencies = apiDependencies({ stateMachineArn }, sfn);
  const get = getImport(dependencies);
  return {
    'POST /imports': startImport(dependencies),
    'GET /imports': get,
    'ANY /imports': get,
    'GET /imports/{id}': get,
    'DELETE /imports/{id}': cancelImport(dependencies),
    'ANY /imports/{id}': get,
    $default: get,
  };
}

/** The API's description, which only this machine serves. */
async function describeApi() {
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: await readFile(new URL('../openapi.json', import.meta.url), 'utf8'),
  };
}

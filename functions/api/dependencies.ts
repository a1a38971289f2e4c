import { setTimeout as sleep } from 'node:timers/promises';
import { SFNClient } from '@aws-sdk/client-sfn';
import { type ApiConfig, apiConfig } from '../config.ts';
import { type Executions, executions } from '../executions/executions.ts';
import { type ImportReader, importReader } from '../executions/import-reader.ts';
import { type Endpoint, endpoint } from './endpoint.ts';

/** What the functions behind the HTTP API work with; `now` in milliseconds. */
export type ApiDependencies = { executions: Executions; reader: ImportReader; now: () => number };

/**
 * Without limits the SDK waits for ever, and the caller gets API Gateway's answer instead of ours.
 * Three attempts of the preset (milliseconds) fit into the function's own time.
 */
export function stepFunctionsClient(requestTimeout = 2500): SFNClient {
  return new SFNClient({
    requestHandler: { connectionTimeout: 1000, requestTimeout, throwOnRequestTimeout: true },
  });
}

export function apiDependencies(
  { stateMachineArn }: ApiConfig,
  sfn: SFNClient = stepFunctionsClient(),
  now: () => number = Date.now,
): ApiDependencies {
  const ofStateMachine = executions({ sfn, stateMachineArn, sleep });
  return { executions: ofStateMachine, reader: importReader(ofStateMachine), now };
}

/** The function as AWS runs it: bound to the real things at its first call, and kept. */
export function bindToAws(make: (dependencies: ApiDependencies) => Endpoint): Endpoint {
  let bound: Endpoint | undefined;
  return endpoint(async (event) => {
    bound ??= make(apiDependencies(apiConfig()));
    return bound(event);
  });
}

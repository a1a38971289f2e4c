import { randomUUID } from 'node:crypto';
import { isNativeError } from 'node:util/types';
import type { Context } from 'aws-lambda';
import { dataLimitExceeded } from './retry-schedule.ts';

export type LocalFunction = (event: unknown, context: Context) => Promise<unknown>;

export type FunctionOutcome = { output: unknown } | { error: string; cause: string };

const maxOutputBytes = 262_144;

const crossJson = (value: unknown) => JSON.parse(JSON.stringify(value) ?? 'null') as unknown;

function failure(thrown: unknown): FunctionOutcome {
  const report = isNativeError(thrown)
    ? {
        errorType: thrown.name,
        errorMessage: thrown.message,
        trace: (thrown.stack ?? '').split('\n'),
      }
    : { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { error: report.errorType, cause: JSON.stringify(report) };
}

function success(result: unknown, arn: string): FunctionOutcome {
  let text: string;
  try {
    text = JSON.stringify(result) ?? 'null';
  } catch {
    return failure(new Error('Unable to stringify response body'));
  }
  if (Buffer.byteLength(text) > maxOutputBytes) {
    const cause = `The state/task '${arn}' returned a result with a size exceeding the maximum number of bytes service limit.`;
    return { error: dataLimitExceeded, cause };
  }
  return { output: JSON.parse(text) };
}

function timeout(requestId: string, timeoutMs: number): FunctionOutcome {
  const seconds = (timeoutMs / 1000).toFixed(2);
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`;
  const errorType = 'Sandbox.Timedout';
  return { error: errorType, cause: JSON.stringify({ errorMessage, errorType }) };
}

function invocationContext(arn: string, deadline: number): Context {
  const functionName = arn.slice(arn.lastIndexOf(':') + 1);
  const awsRequestId = randomUUID();
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: arn,
    memoryLimitInMB: '256',
    awsRequestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: awsRequestId,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}

/** Calls a function as Lambda does: JSON in, JSON or an error report out, never longer than its timeout. */
export async function invoke(
  run: LocalFunction,
  arn: string,
  event: unknown,
  timeoutMs: number,
): Promise<FunctionOutcome> {
  const context = invocationContext(arn, Date.now() + timeoutMs);
  const { promise: overrun, resolve } = Promise.withResolvers<FunctionOutcome>();
  const timer = setTimeout(() => resolve(timeout(context.awsRequestId, timeoutMs)), timeoutMs);
  // a function that hangs must not keep a process alive that has closed the engine
  timer.unref();
  const answer = (async () => run(crossJson(event), context))().then(
    (result) => success(result, arn),
    failure,
  );
  try {
    return await Promise.race([answer, overrun]);
  } finally {
    clearTimeout(timer);
  }
}

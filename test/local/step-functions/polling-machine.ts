import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { onTestFinished } from 'vitest';
import { localClient } from '../../../infra/local/step-functions/client.ts';
import {
  type LocalStepFunctionsOptions,
  startLocalStepFunctions,
} from '../../../infra/local/step-functions/server.ts';

export const pollingMachine = {
  StartAt: 'First wait',
  TimeoutSeconds: 7200,
  States: {
    'First wait': { Type: 'Wait', InputPath: null, Seconds: 2, Next: 'Query' },
    Query: {
      Type: 'Task',
      Resource: `\${QueryArn}`,
      Parameters: {
        'execution_id.$': '$$.Execution.Id',
        'started_at.$': '$$.Execution.StartTime',
        'input.$': '$$.Execution.Input',
        'state.$': '$',
      },
      ResultPath: '$.query',
      TimeoutSeconds: 30,
      Retry: [{ ErrorEquals: ['Flaky'], IntervalSeconds: 10, BackoffRate: 2, MaxAttempts: 2 }],
      Catch: [
        { ErrorEquals: ['Broken'], ResultPath: '$.failure', Next: 'Broken' },
        { ErrorEquals: ['States.TaskFailed'], ResultPath: '$.failure', Next: 'Task failed' },
      ],
      Next: 'Branch',
    },
    Branch: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.query.outcome', StringEquals: 'succeeded', Next: 'Succeeded' },
        { Variable: '$.query.outcome', StringEquals: 'failed', Next: 'Failed' },
      ],
      Default: 'Next wait',
    },
    'Next wait': { Type: 'Wait', SecondsPath: '$.query.wait_seconds', Next: 'Query' },
    Succeeded: { Type: 'Succeed', OutputPath: '$.query.output' },
    Failed: { Type: 'Fail', ErrorPath: '$.query.error', CausePath: '$.query.cause' },
    Broken: { Type: 'Fail', Error: 'Broken.Named', Cause: 'known' },
    'Task failed': { Type: 'Fail', ErrorPath: '$.failure.Error', CausePath: '$.failure.Cause' },
  },
};

export type QueryEvent = {
  execution_id: string;
  started_at: string;
  input: unknown;
  state: { query?: { wait_seconds: number } };
};

export const pending = (waitSeconds: unknown = 60) => ({
  outcome: 'pending',
  wait_seconds: waitSeconds,
});

export const succeeded = (output: unknown = { done: true }) => ({ outcome: 'succeeded', output });

type PollingOptions = Partial<LocalStepFunctionsOptions> & {
  query?: (event: QueryEvent) => unknown;
};

/** The machine above, a thousand times as fast as real, and a client of it. */
export async function startPolling({ query = () => succeeded(), ...options }: PollingOptions = {}) {
  const endings = new Map<string, PromiseWithResolvers<void>>();
  const ending = (name: string) => {
    const known = endings.get(name) ?? Promise.withResolvers<void>();
    endings.set(name, known);
    return known;
  };
  const local = await startLocalStepFunctions({
    definition: JSON.stringify(pollingMachine),
    functions: { QueryArn: async (event) => query(event as QueryEvent) },
    timeLapse: 1000,
    ...options,
    onExecutionEnded: (event) => {
      ending(event.executionName).resolve();
      options.onExecutionEnded?.(event);
    },
  });
  const sfn = localClient(local.url, { maxAttempts: 1 });
  onTestFinished(async () => {
    sfn.destroy();
    await local.close();
  });

  const { stateMachineArn } = local;
  const start = async (name: string, input = '{}') => {
    const command = new StartExecutionCommand({ stateMachineArn, name, input });
    const { executionArn = '' } = await sfn.send(command);
    return executionArn;
  };
  const describe = (executionArn: string) =>
    sfn.send(new DescribeExecutionCommand({ executionArn }));
  const history = async (executionArn: string) => {
    const command = new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 });
    const { events = [] } = await sfn.send(command);
    return events;
  };
  /** Starts an execution and tells what became of it. */
  const run = async (name: string, input?: string) => {
    const executionArn = await start(name, input);
    await ending(name).promise;
    return describe(executionArn);
  };
  return { local, sfn, stateMachineArn, start, describe, history, run, ended: ending };
}

/** A query that answers no more. */
export const hangs = () => new Promise<never>(() => {});

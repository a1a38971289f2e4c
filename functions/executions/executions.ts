import {
  DescribeExecutionCommand,
  type ExecutionStatus,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { attemptsOf, isNamed } from './aws-errors.ts';

/** One execution of the state machine, as Step Functions describes it. */
export type Execution = {
  /** Its name. */
  id: string;
  status: ExecutionStatus;
  startedAt: Date;
  finishedAt: Date | undefined;
  input: string;
  output: string | undefined;
  error: string | undefined;
  cause: string | undefined;
};

export type ListedExecution = Pick<Execution, 'id' | 'startedAt' | 'finishedAt'>;

export type Executions = ReturnType<typeof executions>;

/** What AWS says of a name that nothing has, and of one that nothing can have. */
const noSuchExecution = ['ExecutionDoesNotExist', 'InvalidArn', 'ValidationException'];

/** Waits between looks for an execution that may have been started a moment ago: reads lag behind writes. */
const patienceMs = [200, 400, 800];

/** The executions of one state machine. Faults of AWS pass through as the SDK throws them. */
export function executions({
  sfn,
  stateMachineArn,
  sleep,
}: {
  sfn: SFNClient;
  stateMachineArn: string;
  sleep: (milliseconds: number) => Promise<unknown>;
}) {
  const arnOf = (id: string) =>
    `${stateMachineArn.replace(/:stateMachine:([^:]+)$/, ':execution:$1')}:${id}`;

  /** For what can be done without: its calls are scarce, and whoever is throttled makes no more of them. */
  let asksOnce: SFNClient | undefined;

  /** Undefined where there is no such execution, or none yet. */
  async function look(id: string): Promise<Execution | undefined> {
    try {
      const found = await sfn.send(new DescribeExecutionCommand({ executionArn: arnOf(id) }));
      return {
        id,
        status: found.status ?? 'RUNNING',
        startedAt: found.startDate ?? new Date(0),
        finishedAt: found.stopDate,
        input: found.input ?? '{}',
        output: found.output,
        error: found.error,
        cause: found.cause,
      };
    } catch (error) {
      if (isNamed(error, ...noSuchExecution)) return undefined;
      throw error;
    }
  }

  /** Looks again for a second or two before it says that there is none. */
  async function lookPatiently(id: string): Promise<Execution | undefined> {
    for (const milliseconds of patienceMs) {
      const found = await look(id);
      if (found) return found;
      await sleep(milliseconds);
    }
    return look(id);
  }

  return {
    look,

    lookPatiently,

    /** Undefined where the name is taken by somebody else's execution. */
    async start(id: string, input: string): Promise<Execution | undefined> {
      try {
        const command = new StartExecutionCommand({ stateMachineArn, name: id, input });
        const { startDate = new Date() } = await sfn.send(command);
        return startedExecution(id, input, startDate);
      } catch (error) {
        if (!isNamed(error, 'ExecutionAlreadyExists')) throw error;
        // where the SDK had to ask twice, it may be ours: the answer to the first was lost
        const found = attemptsOf(error) > 1 ? await lookPatiently(id) : undefined;
        return found?.input === input ? found : undefined;
      }
    },

    /** Stops one that runs; one that has ended stays as it is. */
    async stop(id: string, cause: string): Promise<Date | undefined> {
      const command = new StopExecutionCommand({ executionArn: arnOf(id), cause });
      return (await sfn.send(command)).stopDate;
    },

    /** The newest events first: enough to hold the last state entered. Asked for once, whatever AWS says. */
    async newestEvents(id: string): Promise<HistoryEvent[]> {
      const command = new GetExecutionHistoryCommand({
        executionArn: arnOf(id),
        reverseOrder: true,
        maxResults: 12,
      });
      asksOnce ??= askingOnce(sfn);
      return (await asksOnce.send(command)).events ?? [];
    },

    /** A page of those with a status, newest first. */
    async list(
      status: ExecutionStatus,
      cursor: string | undefined,
    ): Promise<{ executions: ListedExecution[]; cursor: string | undefined }> {
      const command = new ListExecutionsCommand({
        stateMachineArn,
        statusFilter: status,
        maxResults: 50,
        nextToken: cursor,
      });
      const page = await sfn.send(command);
      return {
        executions: (page.executions ?? []).map(({ name = '', startDate, stopDate }) => ({
          id: name,
          startedAt: startDate ?? new Date(0),
          finishedAt: stopDate,
        })),
        cursor: page.nextToken,
      };
    },
  };
}

/** Over the same connections, to the same place, as the same caller. */
function askingOnce({ config }: SFNClient): SFNClient {
  const { region, credentials, endpoint, requestHandler } = config;
  return new SFNClient({
    region,
    credentials,
    requestHandler,
    ...(endpoint && { endpoint }),
    maxAttempts: 1,
  });
}

/** What is known of an execution that was just started. */
export function startedExecution(id: string, input: string, startedAt: Date): Execution {
  const notYet = { finishedAt: undefined, output: undefined, error: undefined, cause: undefined };
  return { id, status: 'RUNNING', startedAt, input, ...notYet };
}

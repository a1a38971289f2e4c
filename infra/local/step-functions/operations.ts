import { randomUUID } from 'node:crypto';
import type { Request } from '../aws-json.ts';
import { executionArn, stateMachineArn } from './arns.ts';
import type { Definition } from './definition.ts';
import type { Engine } from './engine.ts';
import type { EndStatus, Execution, ExecutionStore } from './executions.ts';
import { historyOf, shownEvent } from './history.ts';
import { pageToken, readPageToken } from './page-token.ts';
import {
  optionalChoice,
  optionalFlag,
  optionalInteger,
  optionalText,
  requiredArn,
} from './request-fields.ts';
import { StepFunctionsFault } from './service-fault.ts';

export type OperationsOptions = {
  definition: Definition;
  machineName: string;
  store: ExecutionStore;
  engine: Engine;
  staleReadMs: number;
};

type Status = EndStatus | 'RUNNING';

const statuses = [
  'SUCCEEDED',
  'TIMED_OUT',
  'PENDING_REDRIVE',
  'ABORTED',
  'FAILED',
  'RUNNING',
] as const;

const redrivable: Record<Status, boolean> = {
  RUNNING: false,
  SUCCEEDED: false,
  FAILED: true,
  TIMED_OUT: true,
  ABORTED: true,
};

const defaultPageSize = 100;
const inputLimits = { maxBytes: 262_144, isData: true };

const seconds = (ms: number) => ms / 1000;

function readInput(text: string) {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Invalid State Machine Execution Input: '${reason}'`;
    throw new StepFunctionsFault('InvalidExecutionInput', message);
  }
}

const pageSize = (request: Request) =>
  optionalInteger(request, 'maxResults', { minimum: 0, maximum: 1000 }) || defaultPageSize;

export function operations(options: OperationsOptions) {
  const { definition, machineName, store, engine, staleReadMs } = options;
  const machineArn = stateMachineArn(machineName);
  const executionPrefix = executionArn(machineName, '');

  function requireMachine(arn: string) {
    if (arn === machineArn) return;
    const message = `State Machine Does Not Exist: '${arn}'`;
    throw new StepFunctionsFault('StateMachineDoesNotExist', message);
  }

  function existing(arn: string, isThere: (execution: Execution) => boolean) {
    const execution = arn.startsWith(executionPrefix)
      ? store.find(arn.slice(executionPrefix.length))
      : undefined;
    if (execution && isThere(execution)) return execution;
    throw new StepFunctionsFault('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  /** Reads see the machine as it was so many milliseconds after the execution's start. */
  const horizonMs = ({ startedAt }: Execution) => Date.now() - staleReadMs - startedAt;

  const isSeen = (execution: Execution) => horizonMs(execution) >= 0;

  function seenEnding(execution: Execution) {
    const { ending } = execution;
    return ending && ending.endedMs <= horizonMs(execution) ? ending : undefined;
  }

  function summary(execution: Execution) {
    const { name, startedAt } = execution;
    const ending = seenEnding(execution);
    return {
      executionArn: executionPrefix + name,
      stateMachineArn: machineArn,
      name,
      status: (ending?.status ?? 'RUNNING') as Status,
      startDate: seconds(startedAt),
      ...(ending && { stopDate: seconds(startedAt + ending.endedMs) }),
      redriveCount: 0,
    };
  }

  function startExecution(request: Request) {
    const stateMachine = requiredArn(request, 'stateMachineArn', 'stateMachine');
    const name = optionalText(request, 'name', { minLength: 1, maxLength: 80 }) ?? randomUUID();
    const input = optionalText(request, 'input', inputLimits) ?? '{}';
    requireMachine(stateMachine);
    if (!/^[A-Za-z0-9_-]+$/.test(name)) {
      throw new StepFunctionsFault('InvalidName', `Invalid Name: '${name}'`);
    }
    const parsedInput = readInput(input);
    const known = store.find(name);
    const arn = executionPrefix + name;
    if (known && (known.ending || known.input !== input)) {
      throw new StepFunctionsFault('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const execution = known ?? store.add(name, input, Date.now());
    if (!known) engine.start(execution, parsedInput);
    return { executionArn: arn, startDate: seconds(execution.startedAt) };
  }

  function describeExecution(request: Request) {
    const execution = existing(requiredArn(request, 'executionArn', 'execution'), isSeen);
    const shown = summary(execution);
    const { output, error, cause } = seenEnding(execution) ?? {};
    const { status } = shown;
    return {
      ...shown,
      input: execution.input,
      inputDetails: { included: true },
      ...(output !== undefined && { output, outputDetails: { included: true } }),
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
      ...(redrivable[status]
        ? { redriveStatus: 'REDRIVABLE' }
        : {
            redriveStatus: 'NOT_REDRIVABLE',
            redriveStatusReason: `Execution is ${status} and cannot be redriven`,
          }),
    };
  }

  function stopExecution(request: Request) {
    const arn = requiredArn(request, 'executionArn', 'execution');
    const error = optionalText(request, 'error', { maxLength: 256, isData: true });
    const cause = optionalText(request, 'cause', { maxLength: 32_768, isData: true });
    const execution = existing(arn, () => true);
    engine.stop(execution, { error, cause });
    return { stopDate: seconds(execution.startedAt + (execution.ending?.endedMs ?? 0)) };
  }

  function getExecutionHistory(request: Request) {
    const arn = requiredArn(request, 'executionArn', 'execution');
    const isReversed = optionalFlag(request, 'reverseOrder') ?? false;
    const withData = optionalFlag(request, 'includeExecutionData') ?? true;
    const size = pageSize(request);
    const token = optionalText(request, 'nextToken', { minLength: 1, maxLength: 1024 });
    const execution = existing(arn, isSeen);
    const scope = ['history', arn, isReversed];
    const after = token === undefined ? undefined : readPageToken(token, scope);

    const horizon = horizonMs(execution);
    const events = historyOf(execution, definition).filter(({ atMs }) => atMs <= horizon);
    if (isReversed) events.reverse();
    const from = after === undefined ? 0 : events.findIndex(({ id }) => id === after) + 1;
    const page = events.slice(from, from + size);
    const last = page.at(-1);
    return {
      events: page.map((event) => shownEvent(event, execution.startedAt, withData)),
      ...(last && from + size < events.length && { nextToken: pageToken(scope, last.id) }),
    };
  }

  function listExecutions(request: Request) {
    const stateMachine = requiredArn(request, 'stateMachineArn', 'stateMachine');
    const statusFilter = optionalChoice(request, 'statusFilter', statuses);
    const size = pageSize(request);
    const token = optionalText(request, 'nextToken', { minLength: 1, maxLength: 3096 });
    requireMachine(stateMachine);
    const scope = ['executions', machineArn, statusFilter];
    const before = token === undefined ? Number.POSITIVE_INFINITY : readPageToken(token, scope);

    const page: Execution[] = [];
    for (const execution of store.newestBefore(before)) {
      if (!isSeen(execution)) continue;
      const status = seenEnding(execution)?.status ?? 'RUNNING';
      if (statusFilter !== undefined && status !== statusFilter) continue;
      const last = page.at(-1);
      if (last && page.length === size) {
        return { executions: page.map(summary), nextToken: pageToken(scope, last.sequence) };
      }
      page.push(execution);
    }
    return { executions: page.map(summary) };
  }

  return {
    StartExecution: startExecution,
    DescribeExecution: describeExecution,
    StopExecution: stopExecution,
    GetExecutionHistory: getExecutionHistory,
    ListExecutions: listExecutions,
  };
}

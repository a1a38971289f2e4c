import { roleArn } from './arns.ts';
import type { Definition, TaskState } from './definition.ts';
import { type Attempt, type Ending, type Execution, type Visit, visitsOf } from './executions.ts';

/** AWS's limit on the events of an execution. The last one is always the end. */
export const maxEvents = 25_000;

type Outline = {
  type: string;
  atMs: number;
  detailsKey?: string;
  details?: Record<string, unknown>;
  input?: () => string;
  output?: () => string;
};

export type HistoryEvent = Outline & { id: number };

function* attemptOutlines(state: TaskState, attempt: Attempt): Generator<Outline> {
  yield {
    type: 'LambdaFunctionScheduled',
    atMs: attempt.startedMs,
    detailsKey: 'lambdaFunctionScheduledEventDetails',
    details: { resource: state.Resource, timeoutInSeconds: state.TimeoutSeconds },
    input: () => JSON.stringify(attempt.input),
  };
  yield { type: 'LambdaFunctionStarted', atMs: attempt.startedMs };
  const { endedMs: atMs, output, error, cause } = attempt;
  if (atMs === undefined) return;
  if (error === undefined) {
    yield {
      type: 'LambdaFunctionSucceeded',
      atMs,
      detailsKey: 'lambdaFunctionSucceededEventDetails',
      output: () => JSON.stringify(output),
    };
  } else if (error === 'States.Timeout') {
    const detailsKey = 'lambdaFunctionTimedOutEventDetails';
    yield { type: 'LambdaFunctionTimedOut', atMs, detailsKey, details: { error } };
  } else {
    const detailsKey = 'lambdaFunctionFailedEventDetails';
    yield { type: 'LambdaFunctionFailed', atMs, detailsKey, details: { error, cause } };
  }
}

function* visitOutlines(visit: Visit, definition: Definition): Generator<Outline> {
  const name = visit.state;
  const state = definition.States[name];
  if (!state) return;
  yield {
    type: `${state.Type}StateEntered`,
    atMs: visit.enteredMs,
    detailsKey: 'stateEnteredEventDetails',
    details: { name },
    input: () => JSON.stringify(visit.input),
  };
  if (state.Type === 'Task') {
    for (const attempt of visit.attempts ?? []) yield* attemptOutlines(state, attempt);
  }
  if (visit.exitedMs === undefined) return;
  yield {
    type: `${state.Type}StateExited`,
    atMs: visit.exitedMs,
    detailsKey: 'stateExitedEventDetails',
    details: { name },
    output: () => JSON.stringify(visit.output),
  };
}

function endOutline({ status, endedMs: atMs, output = 'null', error, cause }: Ending): Outline {
  switch (status) {
    case 'SUCCEEDED': {
      const detailsKey = 'executionSucceededEventDetails';
      return { type: 'ExecutionSucceeded', atMs, detailsKey, output: () => output };
    }
    case 'FAILED': {
      const detailsKey = 'executionFailedEventDetails';
      return { type: 'ExecutionFailed', atMs, detailsKey, details: { error, cause } };
    }
    case 'ABORTED': {
      const detailsKey = 'executionAbortedEventDetails';
      return { type: 'ExecutionAborted', atMs, detailsKey, details: { error, cause } };
    }
    case 'TIMED_OUT': {
      const details = { error: 'States.Timeout' };
      const detailsKey = 'executionTimedOutEventDetails';
      return { type: 'ExecutionTimedOut', atMs, detailsKey, details };
    }
  }
}

function* outlines(execution: Execution, definition: Definition): Generator<Outline> {
  yield {
    type: 'ExecutionStarted',
    atMs: 0,
    detailsKey: 'executionStartedEventDetails',
    details: { roleArn },
    input: () => execution.input,
  };
  for (const visit of visitsOf(execution)) yield* visitOutlines(visit, definition);
}

/** Every event so far, oldest first. */
export function historyOf(execution: Execution, definition: Definition): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  for (const outline of outlines(execution, definition)) {
    if (events.length === maxEvents - 1) break;
    events.push({ ...outline, id: events.length + 1 });
  }
  if (execution.ending) {
    events.push({ ...endOutline(execution.ending), id: events.length + 1 });
  }
  return events;
}

const detached = ['ExecutionAborted', 'ExecutionTimedOut'];

const truncated = false;

/** An event as the API shows it, with its input and output or without. */
export function shownEvent(event: HistoryEvent, startedAt: number, withData: boolean) {
  const { id, type, atMs, detailsKey, details, input, output } = event;
  // AWS's own numbering: the first state, and an end that no state brought about, follow nothing
  const previousEventId = id === 2 || detached.includes(type) ? 0 : id - 1;
  const shownDetails = {
    ...details,
    ...(input && { ...(withData && { input: input() }), inputDetails: { truncated } }),
    ...(output && { ...(withData && { output: output() }), outputDetails: { truncated } }),
  };
  return {
    timestamp: (startedAt + atMs) / 1000,
    type,
    id,
    previousEventId,
    ...(detailsKey && { [detailsKey]: shownDetails }),
  };
}

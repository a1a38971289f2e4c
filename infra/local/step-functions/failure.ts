import { ExecutionError, ExecutionTimeoutError } from 'aws-local-stepfunctions';
import type { Definition } from './definition.ts';
import type { End, Execution } from './executions.ts';
import { historyOf } from './history.ts';

// what the engine puts where a Fail state has nothing
const missingError = 'FailStateError';
const missingCause = 'Execution failed because of a Fail state';

const missingPath = /^Path expression '.*' does not point to a value$/;

function runtimeCause(message: string, execution: Execution, definition: Definition) {
  const entered = historyOf(execution, definition).findLast(({ type }) => type.endsWith('Entered'));
  const name = String(entered?.details?.name);
  const state = definition.States[name];
  const reason =
    state?.Type === 'Wait' && missingPath.test(message)
      ? `The SecondsPath parameter does not reference an input value: ${state.SecondsPath}`
      : message;
  return `An error occurred while executing the state '${name}' (entered at the event id #${entered?.id}). ${reason}`;
}

/** How an execution ends in which the engine threw, in AWS's words. */
export function failureOf(thrown: unknown, execution: Execution, definition: Definition): End {
  if (thrown instanceof ExecutionTimeoutError) return { status: 'TIMED_OUT' };
  const error = thrown instanceof ExecutionError ? thrown.cause : thrown;
  if (!(error instanceof Error)) return { status: 'FAILED', cause: String(error) };
  const { name, message } = error;
  if (name === 'States.Runtime') {
    return { status: 'FAILED', error: name, cause: runtimeCause(message, execution, definition) };
  }
  const isTimeout = name === 'States.Timeout' && message === '';
  return {
    status: 'FAILED',
    ...(name !== missingError && { error: name }),
    ...(message !== missingCause && !isTimeout && { cause: message }),
  };
}

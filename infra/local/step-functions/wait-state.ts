import type { WaitState } from './definition.ts';
import { engineError } from './engine-error.ts';

/** The Task that stands for a Wait, since only a Task's handler is given the state's input. */
export function waitAsTask({ Seconds, SecondsPath, ...flow }: WaitState) {
  if (SecondsPath === undefined) return { ...flow, Type: 'Task' };
  const Parameters = { 'input.$': '$', 'seconds.$': SecondsPath };
  return { ...flow, Type: 'Task', Parameters };
}

/** How long a Wait is to last, and what it returns, from the input of the Task that stands for it. */
export function readWait({ Seconds = 0, SecondsPath }: WaitState, input: unknown) {
  if (SecondsPath === undefined) return { seconds: Seconds, output: input };
  const { input: output, seconds } = input as { input: unknown; seconds: unknown };
  const shown = `${SecondsPath} == ${JSON.stringify(seconds)}`;
  if (typeof seconds !== 'number' || !Number.isInteger(seconds)) {
    const message = `The SecondsPath parameter cannot be parsed as a long value: ${shown}`;
    throw engineError('States.Runtime', message, { isFinal: true });
  }
  if (seconds < 0) {
    const message = `The SecondsPath parameter references a negative value: ${shown}`;
    throw engineError('States.Runtime', message, { isFinal: true });
  }
  return { seconds, output };
}

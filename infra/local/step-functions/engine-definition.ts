import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import type { Definition, State } from './definition.ts';
import { longestTimerMs } from './longest-timer.ts';
import { taskAsOurs } from './task-state.ts';
import { waitAsTask } from './wait-state.ts';

const longestTimerSeconds = Math.floor(longestTimerMs / 1000);

function engineState(state: State) {
  if (state.Type === 'Wait') return { ...waitAsTask(state), TimeoutSeconds: longestTimerSeconds };
  if (state.Type !== 'Task') return state;
  return { ...taskAsOurs(state), TimeoutSeconds: longestTimerSeconds };
}

/**
 * What the engine is given to run. The waits of Wait states, retries and the timeouts of tasks are
 * ours: the engine does not tell how long it was asked to wait, and so nor how much time was skipped.
 * It writes its own Execution.StartTime over ours, so ours goes by another name.
 */
export function engineDefinition(definition: Definition) {
  const { TimeoutSeconds, States, ...machine } = definition;
  const states = Object.entries(States).map(([name, state]) => [name, engineState(state)]);
  const text = JSON.stringify({
    ...machine,
    ...(TimeoutSeconds !== undefined && {
      TimeoutSeconds: Math.min(TimeoutSeconds, longestTimerSeconds),
    }),
    States: Object.fromEntries(states),
  });
  const clocked = text.replaceAll('$$.Execution.StartTime', () => '$$.Clock.StartTime');
  return JSON.parse(clocked) as StateMachineDefinition;
}

import { StateMachine } from 'aws-local-stepfunctions';
import { executionArn, roleArn, stateMachineArn } from './arns.ts';
import type { Definition } from './definition.ts';
import { engineDefinition } from './engine-definition.ts';
import { engineTimeoutErrors } from './engine-timeout.ts';
import { type End, type EndStatus, type Execution, packVisits } from './executions.ts';
import { failureOf } from './failure.ts';
import { maxEvents } from './history.ts';
import { newRun, type Run } from './run.ts';
import { createTaskRunner, scheduledAndStarted, type TaskOptions } from './task-state.ts';
import { createPause } from './time-lapse.ts';
import { readWait } from './wait-state.ts';

export type StateEntered = {
  executionName: string;
  state: string;
  stateType: string;
  input: unknown;
  at: number;
};

export type ExecutionEnded = {
  executionName: string;
  status: EndStatus;
  at: number;
  output?: unknown;
  error?: string;
  cause?: string;
};

export type EngineOptions = {
  definition: Definition;
  machineName: string;
  invoke: TaskOptions['invoke'];
  timeLapse: number;
  onStateEntered: ((event: StateEntered) => void) | undefined;
  onExecutionEnded: ((event: ExecutionEnded) => void) | undefined;
};

export type Engine = Awaited<ReturnType<typeof startEngine>>;

type JsonValue = Parameters<StateMachine['run']>[0];

type EngineEvents = ReturnType<StateMachine['run']>['eventLogs'];
type EngineEvent = EngineEvents extends AsyncGenerator<infer Event> ? Event : never;

type Outcome = { output: unknown } | { thrown: unknown };

export async function startEngine(options: EngineOptions) {
  const { definition, machineName, invoke, timeLapse } = options;
  // validated when it was loaded, and no longer what a validator would accept
  const validationOptions = { noValidate: true };
  const machine = new StateMachine(engineDefinition(definition), { validationOptions });
  const stateMachine = { Id: stateMachineArn(machineName), Name: machineName };
  const timeoutMs = (definition.TimeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  const running = new Map<Execution, Run>();

  function end(run: Run, { status, output, error, cause }: End) {
    const { execution } = run;
    if (execution.ending) return;
    const at = Date.now();
    const reason = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
    execution.ending = {
      status,
      endedMs: at - execution.startedAt,
      ...(status === 'SUCCEEDED' && { output: JSON.stringify(output) }),
      ...reason,
    };
    running.delete(execution);
    run.abort();
    run.release?.();
    packVisits(execution);
    options.onExecutionEnded?.({
      executionName: execution.name,
      status,
      at,
      ...(status === 'SUCCEEDED' && { output }),
      ...reason,
    });
  }

  function countEvents(run: Run, events: number) {
    run.events += events;
    if (run.events < maxEvents) return;
    const cause = `The execution reached the maximum number of history events (${maxEvents}).`;
    end(run, { status: 'FAILED', error: 'States.Runtime', cause });
  }

  const onTimeout = (run: Run) => end(run, { status: 'TIMED_OUT' });
  const pause = createPause({ timeLapse, timeoutMs, onTimeout });
  const timeoutError = await engineTimeoutErrors();
  const task = createTaskRunner({ invoke, pause, countEvents, timeoutError });

  function handlers(run: Run) {
    const byState: Record<string, (input: unknown) => Promise<JsonValue>> = {};
    for (const [name, state] of Object.entries(definition.States)) {
      if (state.Type === 'Task') {
        byState[name] = (input) => task(run, state, input) as Promise<JsonValue>;
      }
      if (state.Type === 'Wait') {
        byState[name] = async (input) => {
          const { seconds, output } = readWait(state, input);
          await pause(run, seconds * 1000);
          return output as JsonValue;
        };
      }
    }
    return byState;
  }

  function contextObject(run: Run) {
    const { name, startedAt } = run.execution;
    return {
      Execution: { Id: executionArn(machineName, name), Name: name, RoleArn: roleArn },
      StateMachine: stateMachine,
      Clock: {
        get StartTime() {
          return new Date(startedAt - run.skippedMs).toISOString();
        },
      },
    };
  }

  function record(run: Run, event: EngineEvent) {
    const { execution, visits } = run;
    if (event.type === 'StateEntered') {
      const at = event.timestamp;
      const { name: state, input } = event.state;
      const { Type: stateType = event.state.type } = definition.States[state] ?? {};
      visits.push({
        state,
        enteredMs: at - execution.startedAt,
        input,
        attempts: stateType === 'Task' ? run.attempts.shift() : undefined,
        exitedMs: undefined,
        output: undefined,
      });
      options.onStateEntered?.({ executionName: execution.name, state, stateType, input, at });
      // the engine calls a function first, and tells that it entered the state after
      countEvents(run, stateType === 'Task' ? 1 + scheduledAndStarted : 1);
    }
    const visit = visits.at(-1);
    if (event.type === 'StateExited' && visit) {
      visit.exitedMs = event.timestamp - execution.startedAt;
      visit.output = event.state.output;
      countEvents(run, 1);
    }
  }

  async function follow(run: Run, input: unknown) {
    const { execution } = run;
    const { abort, eventLogs, result } = machine.run(input as JsonValue, {
      context: contextObject(run),
      overrides: { taskResourceLocalHandlers: handlers(run) },
    });
    run.abort = abort;
    const settled = result.then(
      (output): Outcome => ({ output }),
      (thrown: unknown): Outcome => ({ thrown }),
    );
    for await (const event of eventLogs) {
      if (!execution.ending) record(run, event);
    }
    const outcome = await settled;
    if ('output' in outcome) end(run, { status: 'SUCCEEDED', output: outcome.output });
    else end(run, failureOf(outcome.thrown, execution, definition));
  }

  return {
    start(execution: Execution, input: unknown) {
      const run = newRun(execution);
      running.set(execution, run);
      // the answer to StartExecution comes before the first state
      setImmediate(() => {
        if (!execution.ending) void follow(run, input);
      });
    },
    stop(execution: Execution, reason: Pick<End, 'error' | 'cause'>) {
      const run = running.get(execution);
      if (run) end(run, { status: 'ABORTED', ...reason });
    },
    stopAll() {
      for (const run of running.values()) end(run, { status: 'ABORTED' });
    },
    running: () => running.size,
  };
}

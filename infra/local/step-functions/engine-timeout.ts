import { ExecutionError, StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';

const hangingTask = {
  StartAt: 'Hang',
  States: { Hang: { Type: 'Task', Resource: 'hang', TimeoutSeconds: 0.001, End: true } },
};

/**
 * Makes errors of the class that the engine throws when a Task times out. It does not export it, but
 * only these are left out of States.TaskFailed. Their cause is empty, as AWS's is.
 */
export async function engineTimeoutErrors() {
  const machine = new StateMachine(hangingTask as unknown as StateMachineDefinition, {
    validationOptions: { noValidate: true },
  });
  const taskResourceLocalHandlers = { Hang: () => new Promise<never>(() => {}) };
  const { result } = machine.run(null, { overrides: { taskResourceLocalHandlers } });
  const thrown: unknown = await result.catch((error: unknown) => error);
  const prototype: unknown =
    thrown instanceof ExecutionError && thrown.cause instanceof Error
      ? Object.getPrototypeOf(thrown.cause)
      : undefined;

  return (): Error =>
    Object.assign(Object.create(prototype as object), { name: 'States.Timeout', message: '' });
}

import type { Ended } from '../state-machine/run-to-end.ts';

type Difference = { onMoto: Partial<Ended>; why: string };

/** Where moto ends otherwise than our engine, by the path's title: with what, and why. */
export const differences: Record<string, Difference> = {
  'is stopped while it waits': {
    why: "moto's StopExecution drops the error and the cause that it is given",
    onMoto: { error: undefined, cause: null },
  },
  'ends where the function returns nothing of what it should': {
    why: "a Choice whose variable is missing fails on AWS, with States.Runtime; moto's goes to its default",
    onMoto: {
      states: ['WaitBeforeFirstQuery', 'QueryImport', 'BranchOnJobStatus', 'ImportFailed'],
      cause:
        "An error occurred while executing the state 'ImportFailed' (entered at the event id #11). The JSONPath '$.query.error' specified for the field 'ErrorPath' could not be found in the input '{\"query\": {}}'",
    },
  },
  'ends where the function returns a number as the name of an error': {
    why: 'moto takes an ErrorPath for a text without looking, so its States.Runtime tells of its own mishap',
    onMoto: { cause: "AttributeError('int' object has no attribute 'startswith')" },
  },
};

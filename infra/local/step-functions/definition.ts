import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import type { Retrier } from './retry-schedule.ts';

type Flow = { InputPath?: string | null; OutputPath?: string | null; Next?: string; End?: true };
export type TaskState = Flow & {
  Type: 'Task';
  Resource: string;
  TimeoutSeconds?: number;
  Retry?: Retrier[];
};
export type WaitState = Flow & { Type: 'Wait'; Seconds?: number; SecondsPath?: string };
export type State = TaskState | WaitState | { Type: 'Choice' | 'Pass' | 'Succeed' | 'Fail' };

export type Definition = {
  StartAt: string;
  TimeoutSeconds?: number;
  States: Record<string, State>;
};

const stateTypes = ['Task', 'Wait', 'Choice', 'Pass', 'Succeed', 'Fail'];

// what the engine would run otherwise than AWS, and say nothing
const refusedFields = [
  'QueryLanguage',
  'Assign',
  'Timestamp',
  'TimestampPath',
  'TimeoutSecondsPath',
];

// validating takes a tenth of a second, and tests start many engines from one definition
const validTexts = new Set<string>();

function substitute(text: string, placeholders: string[], arnOf: (placeholder: string) => string) {
  const named = [...text.matchAll(/\$\{([^}]*)\}/g)].map(([, placeholder = '']) => placeholder);
  const missing = named.find((placeholder) => !placeholders.includes(placeholder));
  if (missing !== undefined) {
    throw new Error(`The definition names \${${missing}}, but no function is given for it`);
  }
  const unused = placeholders.find((placeholder) => !named.includes(placeholder));
  if (unused !== undefined) {
    throw new Error(`A function is given for \${${unused}}, which the definition does not name`);
  }
  return text.replaceAll(/\$\{([^}]*)\}/g, (_, placeholder: string) => arnOf(placeholder));
}

function parse(text: string) {
  try {
    return JSON.parse(text) as Definition;
  } catch (error) {
    throw new Error('The definition is not JSON', { cause: error });
  }
}

function refuseUnsupported(definition: Definition, arns: string[]) {
  const scopes = [['The definition', definition], ...Object.entries(definition.States)] as const;
  for (const [name, scope] of scopes) {
    const field = refusedFields.find((candidate) => Object.hasOwn(scope, candidate));
    if (field) throw new Error(`${name}: ${field} is not supported on one machine`);
  }
  for (const [name, state] of Object.entries(definition.States)) {
    if (!stateTypes.includes(state.Type)) {
      throw new Error(`${name}: a state of type ${state.Type} is not supported on one machine`);
    }
    if (state.Type === 'Task' && !arns.includes(state.Resource)) {
      throw new Error(`${name}: Resource must be the placeholder of a function`);
    }
  }
}

function validate(text: string) {
  if (validTexts.has(text)) return;
  // the validator writes defaults into what it is given
  new StateMachine(JSON.parse(text) as StateMachineDefinition);
  validTexts.add(text);
}

/** The definition with the functions' ARNs in place of their placeholders, found fit to be run here. */
export function loadDefinition(
  text: string,
  placeholders: string[],
  arnOf: (placeholder: string) => string,
): Definition {
  const substituted = substitute(text, placeholders, arnOf);
  const definition = parse(substituted);
  validate(substituted);
  refuseUnsupported(definition, placeholders.map(arnOf));
  return definition;
}

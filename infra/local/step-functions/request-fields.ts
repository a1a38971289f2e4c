import type { Request } from '../aws-json.ts';
import { StepFunctionsFault } from './service-fault.ts';

type TextLimits = {
  minLength?: number;
  maxLength?: number;
  maxBytes?: number;
  /** AWS does not repeat in a refusal what may be confidential. */
  isData?: boolean;
};
type IntegerLimits = { minimum: number; maximum: number };

const violation = (field: string, shown: string, constraint: string) =>
  new StepFunctionsFault(
    'ValidationException',
    `1 validation error detected: Value${shown} at '${field}' failed to satisfy constraint: ${constraint}`,
  );

function typed<Kind extends 'string' | 'number' | 'boolean'>(
  request: Request,
  field: string,
  kind: Kind,
) {
  const value = request[field] ?? undefined;
  if (value !== undefined && typeof value !== kind) {
    throw new StepFunctionsFault('SerializationException', `'${field}' must be a ${kind}`);
  }
  return value as { string: string; number: number; boolean: boolean }[Kind] | undefined;
}

export const optionalFlag = (request: Request, field: string) => typed(request, field, 'boolean');

export function optionalText(request: Request, field: string, limits: TextLimits = {}) {
  const value = typed(request, field, 'string');
  if (value === undefined) return undefined;
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = limits;
  const { maxBytes = Number.POSITIVE_INFINITY, isData = false } = limits;
  const shown = isData ? '' : ` '${value}'`;
  if (value.length < minLength) {
    const constraint = `Member must have length greater than or equal to ${minLength}`;
    throw violation(field, shown, constraint);
  }
  if (value.length > maxLength) {
    const constraint = `Member must have length less than or equal to ${maxLength}`;
    throw violation(field, shown, constraint);
  }
  if (Buffer.byteLength(value) > maxBytes) {
    const constraint = `Member must have size less than or equal to ${maxBytes} bytes in UTF-8 encoding`;
    throw violation(field, shown, constraint);
  }
  return value;
}

/** AWS looks at the form of an ARN before anything else. */
export function requiredArn(
  request: Request,
  field: string,
  resourceType: 'stateMachine' | 'execution',
) {
  const arn = optionalText(request, field, { minLength: 1, maxLength: 256 });
  if (arn === undefined) throw violation(field, ' null', 'Member must not be null');
  const [prefix, partition, service, , , type, ...names] = arn.split(':');
  if (prefix !== 'arn' || !partition || service !== 'states') {
    throw new StepFunctionsFault('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  }
  if (type !== resourceType) {
    const message = `Invalid Arn: 'Resource type not valid in this context: ${type}'`;
    throw new StepFunctionsFault('InvalidArn', message);
  }
  if (names.includes('') || names.length < (type === 'execution' ? 2 : 1)) {
    throw new StepFunctionsFault('InvalidArn', `Invalid Arn: 'Invalid ARN: ${arn}'`);
  }
  return arn;
}

export function optionalInteger(request: Request, field: string, limits: IntegerLimits) {
  const value = typed(request, field, 'number');
  if (value === undefined) return undefined;
  if (!Number.isInteger(value)) {
    throw new StepFunctionsFault('SerializationException', `'${field}' must be an integer`);
  }
  if (value < limits.minimum) {
    const constraint = `Member must have value greater than or equal to ${limits.minimum}`;
    throw violation(field, ` '${value}'`, constraint);
  }
  if (value > limits.maximum) {
    const constraint = `Member must have value less than or equal to ${limits.maximum}`;
    throw violation(field, ` '${value}'`, constraint);
  }
  return value;
}

export function optionalChoice<Choice extends string>(
  request: Request,
  field: string,
  choices: readonly Choice[],
) {
  const value = typed(request, field, 'string');
  const choice = choices.find((candidate) => candidate === value);
  if (value !== undefined && choice === undefined) {
    const constraint = `Member must satisfy enum value set: [${choices.join(', ')}]`;
    throw violation(field, ` '${value}'`, constraint);
  }
  return choice;
}

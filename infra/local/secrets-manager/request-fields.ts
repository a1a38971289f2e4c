import { type Request, ServiceFault } from '../aws-json.ts';

type TextLimits = { minLength?: number; maxLength?: number; maxBytes?: number };

const lowerFirst = (field: string) => field.charAt(0).toLowerCase() + field.slice(1);

// without the value, which may be a secret
const violation = (field: string, constraint: string) =>
  new ServiceFault(
    'ValidationException',
    `1 validation error detected: Value at '${lowerFirst(field)}' failed to satisfy constraint: ${constraint}`,
  );

const unreadable = (field: string, kind: string) =>
  new ServiceFault('SerializationException', `'${field}' must be ${kind}`);

export function optionalText(request: Request, field: string, limits: TextLimits = {}) {
  const value = request[field] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw unreadable(field, 'a string');
  const { minLength = 1, maxLength = Number.POSITIVE_INFINITY } = limits;
  const { maxBytes = Number.POSITIVE_INFINITY } = limits;
  if (value.length < minLength) {
    throw violation(field, `Member must have length greater than or equal to ${minLength}`);
  }
  if (value.length > maxLength || Buffer.byteLength(value) > maxBytes) {
    const most = Math.min(maxLength, maxBytes);
    throw violation(field, `Member must have length less than or equal to ${most}`);
  }
  return value;
}

export function requiredText(request: Request, field: string, limits?: TextLimits) {
  const value = optionalText(request, field, limits);
  if (value === undefined) throw violation(field, 'Member must not be null');
  return value;
}

export const secretId = (request: Request) =>
  requiredText(request, 'SecretId', { maxLength: 2048 });

export const secretString = (request: Request) =>
  optionalText(request, 'SecretString', { maxBytes: 65_536 });

/** The SDK gives each request of a new version an id; who asks without the SDK has to. */
export function newVersionId(request: Request, nameWhereMissing = 'InvalidRequestException') {
  const id = optionalVersionId(request, 'ClientRequestToken');
  if (id !== undefined) return id;
  const message = 'You must provide a ClientRequestToken value. We recommend a UUID-type value.';
  throw new ServiceFault(nameWhereMissing, message);
}

export function optionalVersionId(request: Request, field: string) {
  const id = optionalText(request, field, { minLength: 0 });
  if (id === undefined || (id.length >= 32 && id.length <= 64)) return id;
  throw new ServiceFault('InvalidParameterException', `${field} must be 32-64 characters long.`);
}

export function optionalFlag(request: Request, field: string) {
  const value = request[field] ?? undefined;
  if (value !== undefined && typeof value !== 'boolean') throw unreadable(field, 'a boolean');
  return value;
}

export function optionalInteger(request: Request, field: string, minimum: number, maximum: number) {
  const value = request[field] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw unreadable(field, 'an integer');
  if (value < minimum || value > maximum) {
    throw violation(field, `Member must have value between ${minimum} and ${maximum}`);
  }
  return value;
}

export function optionalTexts(request: Request, field: string): string[] | undefined {
  const value = request[field] ?? undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) {
    throw unreadable(field, 'a list of strings');
  }
  return value;
}

export function optionalRecords(request: Request, field: string): Request[] {
  const value = request[field] ?? [];
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'object' || item === null)) {
    throw unreadable(field, 'a list of structures');
  }
  return value;
}

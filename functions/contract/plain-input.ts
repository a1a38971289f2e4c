import { isObject } from '../core/json.ts';

// The input of an execution, read without its schema, since a start would load schemas for nothing else.
// Whatever is not plainly right goes to the schema, which says what is wrong with it.

export type ExecutionInput = {
  ticket: string;
  profile: string;
  timeoutSeconds: number;
  expectedSeconds: number | undefined;
  onFailure: 'fail' | 'return';
};

/** Whose import an execution is; null where its input does not say. */
export type Subject = Record<'ticket' | 'profile', string | null>;

export const defaultProfile = 'default';
export const defaultTimeoutSeconds = 3600;

export const ticketPattern = /^[A-Za-z0-9_-]{1,64}$/;
export const profilePattern = /^[a-z0-9][a-z0-9-]{0,31}$/;
export const longestRequestId = 128;

export function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 86_400;
}

/** Undefined where the schema must look at it. */
export function plainInput(input: unknown): ExecutionInput | undefined {
  if (!isObject(input)) return undefined;
  const {
    ticket,
    profile = defaultProfile,
    timeout_seconds: timeoutSeconds = defaultTimeoutSeconds,
    expected_seconds: expectedSeconds,
    on_failure: onFailure = 'fail',
    request_id: requestId = '',
    AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: _,
    ...unknown
  } = input;
  return isLike(ticketPattern, ticket) &&
    isLike(profilePattern, profile) &&
    isSeconds(timeoutSeconds) &&
    (expectedSeconds === undefined || isSeconds(expectedSeconds)) &&
    (onFailure === 'fail' || onFailure === 'return') &&
    typeof requestId === 'string' &&
    requestId.length <= longestRequestId &&
    Object.keys(unknown).length === 0
    ? { ticket, profile, timeoutSeconds, expectedSeconds, onFailure }
    : undefined;
}

function isLike(pattern: RegExp, value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value);
}

/** The names that Step Functions gives to "not so fast". */
const throttled = [
  'ThrottlingException',
  'TooManyRequestsException',
  'KmsThrottlingException',
  'ExecutionLimitExceeded',
];

export function isThrottled(error: unknown): boolean {
  return error instanceof Error && throttled.includes(error.name);
}

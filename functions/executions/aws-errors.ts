import * as z from 'zod';

// What the SDK throws, told apart. It marks all that it throws with `$metadata`.

const sdkError = z.object({
  $metadata: z.object({
    httpStatusCode: z.number().optional(),
    attempts: z.number().optional(),
  }),
});

export function isNamed(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

/** AWS says "not so fast". */
export function isThrottled(error: unknown): boolean {
  return isNamed(
    error,
    'ThrottlingException',
    'TooManyRequestsException',
    'KmsThrottlingException',
    'ExecutionLimitExceeded',
  );
}

/** AWS answered with a fault of its own, or, where there is no status, not at all. */
export function isServiceFault(error: unknown): boolean {
  const { data } = sdkError.safeParse(error);
  return data !== undefined && (data.$metadata.httpStatusCode ?? 500) >= 500;
}

/** How often the SDK had asked when it gave up. */
export function attemptsOf(error: unknown): number {
  return sdkError.safeParse(error).data?.$metadata.attempts ?? 1;
}

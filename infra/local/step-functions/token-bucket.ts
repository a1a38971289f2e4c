export type Bucket = { size: number; refillPerSecond: number };

/** AWS's quotas on its API outside its three largest regions. */
export const defaultBuckets = {
  StartExecution: { size: 800, refillPerSecond: 150 },
  DescribeExecution: { size: 250, refillPerSecond: 10 },
  StopExecution: { size: 500, refillPerSecond: 25 },
  GetExecutionHistory: { size: 400, refillPerSecond: 20 },
  ListExecutions: { size: 100, refillPerSecond: 2 },
} as const satisfies Record<string, Bucket>;

/** Returns a function that takes a token, or says that there is none. */
export function tokenBucket({ size, refillPerSecond }: Bucket, now: () => number) {
  let tokens = size;
  let filledAt = now();

  return () => {
    const at = now();
    tokens = Math.min(size, tokens + ((at - filledAt) / 1000) * refillPerSecond);
    filledAt = at;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

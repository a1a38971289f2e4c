export type RateLimits = { perSecond: number; perMinute: number };

type Refusal = { limit: number; resetSeconds: number };

/** Sliding windows per app. Refused requests do not count: no source says that they do. */
export function createRateLimiter(now: () => number, { perSecond, perMinute }: RateLimits) {
  const windows = [
    { limit: perSecond, lengthMs: 1000 },
    { limit: perMinute, lengthMs: 60_000 },
  ];
  const acceptedTimes = new Map<string, number[]>();

  return function admit(appId: string): Refusal | undefined {
    const times = acceptedTimes.get(appId) ?? [];
    acceptedTimes.set(appId, times);
    const refusals = windows
      .map(({ limit, lengthMs }) => {
        const freeAt = (times.at(-limit) ?? Number.NEGATIVE_INFINITY) + lengthMs;
        return { limit, resetSeconds: Math.ceil((freeAt - now()) / 1000) };
      })
      .filter(({ resetSeconds }) => resetSeconds > 0)
      .sort((one, other) => other.resetSeconds - one.resetSeconds);
    if (refusals[0]) return refusals[0];

    times.push(now());
    if (times.length > Math.max(perSecond, perMinute)) times.shift();
    return undefined;
  };
}

/** Has the SDK give a request up at the deadline. Both in milliseconds. */
export function untilDeadline(deadline: number, nowMs: number): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(Math.max(1, Math.floor(deadline - nowMs))) };
}

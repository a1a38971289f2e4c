/** A Node timer of more milliseconds than this fires at once. */
export const longestTimerMs = 2 ** 31 - 1;

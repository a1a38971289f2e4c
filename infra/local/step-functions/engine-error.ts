/** An error as the engine matches it: by its name. A final one it neither retries nor catches. */
export function engineError(name: string, message: string, { isFinal = false } = {}) {
  const error = Object.assign(new Error(message), { name });
  return isFinal ? Object.assign(error, { isRetryable: false, isCatchable: false }) : error;
}

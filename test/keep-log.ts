import { onTestFinished } from 'vitest';

/** Keeps what a test logs as an error from the terminal, to be looked at. */
export function keepLog(): unknown[] {
  const lines: unknown[] = [];
  const { error } = console;
  console.error = (...line) => void lines.push(...line);
  onTestFinished(() => {
    console.error = error;
  });
  return lines;
}

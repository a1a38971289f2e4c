import { writeSync } from 'node:fs';

/** Logs as the functions' runtime does: a line of JSON, at once. Node's own console would format it first. */
export function logAsLambdaDoes(file = 2): void {
  console.info = (message: unknown) => {
    const timestamp = new Date().toISOString();
    const line = { timestamp, level: 'INFO', requestId: 'request', message };
    writeSync(file, `${JSON.stringify(line)}\n`);
  };
}

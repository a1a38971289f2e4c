// `import` of node:fs would load Node's streams, by asking for each of its exports
const { writeSync } = process.getBuiltinModule('node:fs');

/** Logs as the functions' runtime does: a line of JSON, at once. Node's own console would format it first. */
export function logAsLambdaDoes(): void {
  console.info = (message: unknown) => {
    const timestamp = new Date().toISOString();
    writeLine(2, { timestamp, level: 'INFO', requestId: 'request', message });
  };
}

export function writeLine(file: number, line: object): void {
  writeSync(file, `${JSON.stringify(line)}\n`);
}

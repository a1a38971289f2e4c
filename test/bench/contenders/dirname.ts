// the SDK looks for its own package.json beside itself
Object.assign(globalThis, { __dirname: import.meta.dirname });

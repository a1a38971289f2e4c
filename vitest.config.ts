import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    // every test closes what it starts, so the files may share two processes
    maxWorkers: 2,
    isolate: false,
    // V8 puts off collecting garbage for as long as the machine has memory; with this, the memory
    // that a test measures is about the memory that it needs
    execArgv: ['--max-old-space-size=256'],
  },
});

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    // every test closes what it starts, so the files may share two processes
    maxWorkers: 2,
    isolate: false,
  },
});

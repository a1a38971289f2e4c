import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/conformance/**/*.conformance.ts'],
    testTimeout: 50_000,
    hookTimeout: 30_000,
    // moto's waits last as long as they say, so paths wait at the same time; but it has one processor
    maxConcurrency: 12,
    // and on a busy machine a wait of a second may last two: what differs twice is no accident
    retry: 1,
  },
});

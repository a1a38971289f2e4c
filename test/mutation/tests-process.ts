import { relative, sep } from 'node:path';
import { createVitest } from 'vitest/node';

// Runs the tests of the copy that it is started in, again and again, told by messages. It is a process of
// its own, so that whoever runs a mutant that never comes back can end it.

const vitest = await createVitest('test', {
  watch: false,
  // threads end with this process, whatever they do
  pool: 'threads',
  maxWorkers: 1,
  isolate: false,
  bail: 1,
  testTimeout: 10_000,
  reporters: [{}],
});
const specifications = await vitest.globTestSpecifications();

process.on('message', async ({ changed, tests }: { changed: string[]; tests: string[] }) => {
  for (const file of changed) vitest.invalidateFile(file);
  const chosen = specifications.filter(({ moduleId }) => {
    const file = relative(process.cwd(), moduleId).split(sep).join('/');
    return tests.some((path) => file === path || file.startsWith(`${path}/`));
  });
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(chosen);
  // vitest tells of all it has ever run, so also of what failed before and was not run now
  const ran = testModules.filter((module) =>
    chosen.some((one) => one.moduleId === module.moduleId),
  );
  const isGreen = ran.every((module) => module.ok()) && unhandledErrors.length === 0;
  process.send?.(isGreen && ran.length > 0);
});
process.on('disconnect', () => process.exit());
process.send?.('ready');

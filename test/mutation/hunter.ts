import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutant } from './mutants.ts';
import { scratchCopy } from './scratch-copy.ts';
import { testsFor } from './tests-for.ts';

const program = fileURLToPath(new URL('tests-process.ts', import.meta.url));
// many times what the tests take, also on a busy machine: whoever is not back by then never will be
const longestRunMs = 60_000;

/** `endless`: the tests did not come back. */
export type Fate = 'red' | 'endless' | 'alive';

export type Hunter = {
  /** What the tests say of a file as it is. */
  check(file: string): Promise<Fate>;
  /** What they say of a mutant of it. */
  fateOf(mutant: Mutant): Promise<Fate>;
  stop(): void;
};

/** Puts mutants, one after the other, into a copy of its own and runs the tests there. */
export function startHunter(): Hunter {
  const copy = scratchCopy();
  let tests: ChildProcess | undefined;
  let mended: string[] = [];

  async function run(changed: string[], paths: string[]): Promise<Fate> {
    tests ??= await startTests(copy.path);
    const child = tests;
    const isOver = new AbortController();
    const signal = AbortSignal.any([AbortSignal.timeout(longestRunMs), isOver.signal]);
    try {
      child.send({ changed, tests: paths });
      const [isGreen] = await Promise.race([
        once(child, 'message', { signal }),
        once(child, 'exit', { signal }).then(() => Promise.reject(new Error('it has ended'))),
      ]);
      return isGreen ? 'alive' : 'red';
    } catch {
      child.kill('SIGKILL');
      tests = undefined;
      return 'endless';
    } finally {
      isOver.abort();
    }
  }

  async function check(file: string): Promise<Fate> {
    const changed = [...mended, join(copy.path, file)];
    for (const paths of testsFor(file)) {
      const fate = await run(changed, paths);
      if (fate !== 'alive') return fate;
    }
    return 'alive';
  }

  return {
    check,
    async fateOf({ file, source }) {
      const place = join(copy.path, file);
      const original = readFileSync(place, 'utf8');
      writeFileSync(place, source);
      try {
        return await check(file);
      } finally {
        writeFileSync(place, original);
        // the process has read the mutant, and is told so before its next run
        mended = [place];
      }
    },
    stop() {
      tests?.kill('SIGKILL');
      copy.remove();
    },
  };
}

async function startTests(cwd: string): Promise<ChildProcess> {
  const child = fork(program, { cwd, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  await once(child, 'message');
  return child;
}

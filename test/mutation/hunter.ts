import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutant } from './mutants.ts';
import { scratchCopy } from './scratch-copy.ts';
import { testsFor } from './tests-for.ts';

const program = fileURLToPath(new URL('tests-process.ts', import.meta.url));
// many times what the tests take: whoever is not back by then never will be
const longestRunMs = 20_000;

export type Hunter = {
  areGreen(file: string): Promise<boolean>;
  /** Whether a test, or the lack of an end, tells the mutant from the program. */
  kills(mutant: Mutant): Promise<boolean>;
  stop(): void;
};

/** Puts mutants, one after the other, into a copy of its own and runs the tests there. */
export function startHunter(): Hunter {
  const copy = scratchCopy();
  let tests: ChildProcess | undefined;
  let mended: string[] = [];

  async function run(changed: string[], paths: string[]): Promise<boolean> {
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
      return isGreen;
    } catch {
      child.kill('SIGKILL');
      tests = undefined;
      return false;
    } finally {
      isOver.abort();
    }
  }

  async function areGreen(file: string): Promise<boolean> {
    const changed = [...mended, join(copy.path, file)];
    for (const paths of testsFor(file)) if (!(await run(changed, paths))) return false;
    return true;
  }

  return {
    areGreen,
    async kills({ file, source }) {
      const place = join(copy.path, file);
      const original = readFileSync(place, 'utf8');
      writeFileSync(place, source);
      try {
        return !(await areGreen(file));
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

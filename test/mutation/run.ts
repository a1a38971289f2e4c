import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { writeResults } from '../bench/results.ts';
import { equivalents } from './equivalents.ts';
import { type Hunter, startHunter } from './hunter.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { sample } from './sample.ts';

// Breaks the code in one place at a time and counts how often the tests see it.

const { values: options } = parseArgs({
  options: {
    folder: { type: 'string', multiple: true, default: ['core', 'feishu'] },
    file: { type: 'string', default: '' },
    sample: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    all: { type: 'boolean', default: false },
  },
});

/** Whose tests there are, to be run unbroken. */
const someFile: Record<string, string> = { core: 'refusal', feishu: 'http' };

// one for each of the two processes that the tests share in any case
const hunters = [startHunter(), startHunter()];
try {
  await checkThatAllIsGreen();
  const folders = [];
  for (const folder of options.folder) folders.push(await hunt(folder));
  if (options.file === '' && folders.length === 2) {
    const drawn = options.all ? 'every mutant' : `a sample, seed ${options.seed}`;
    writeResults('mutation', { drawn, folders });
  }
} finally {
  for (const hunter of hunters) hunter.stop();
}

async function hunt(folder: string) {
  const started = performance.now();
  const all = mutantsIn(`functions/${folder}`);
  const drawn = options.all ? all : sample(all, Number(options.sample), Number(options.seed));
  const waiting = [...drawn];
  const alive = new Set<Mutant>();
  await Promise.all(hunters.map((hunter) => work(hunter, waiting, alive)));

  const survivors = drawn.filter((mutant) => alive.has(mutant));
  const equivalent = survivors.filter(isEquivalent).length;
  const killed = drawn.length - survivors.length;
  const figures = {
    folder,
    mutants: all.length,
    drawn: drawn.length,
    killed,
    equivalent,
    survived: survivors.length - equivalent,
    killedPercent: Math.round((1000 * killed) / (drawn.length - equivalent)) / 10,
    seconds: Math.round((performance.now() - started) / 1000),
  };
  console.log(figures);
  return figures;
}

async function work(hunter: Hunter, waiting: Mutant[], alive: Set<Mutant>): Promise<void> {
  for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
    const isAlive = !(await hunter.kills(mutant));
    if (isAlive) alive.add(mutant);
    tell(mutant, isAlive);
  }
}

function mutantsIn(folder: string): Mutant[] {
  return readdirSync(folder)
    .filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && name.includes(options.file),
    )
    .flatMap((name) => {
      const file = `${folder}/${name}`;
      return mutantsOf(file, readFileSync(file, 'utf8'));
    });
}

function isEquivalent({ file, becomes }: Mutant): boolean {
  return equivalents.some((known) => known.file === file && known.becomes === becomes);
}

function tell(mutant: Mutant, isAlive: boolean): void {
  const { file, line, was, becomes } = mutant;
  if (isAlive === isEquivalent(mutant)) return;
  const what = isAlive ? 'survived' : 'is listed as equivalent, yet was killed';
  console.log(`${file}:${line} ${what}\n  - ${was}\n  + ${becomes}`);
}

/** Tests that are red by themselves would kill everything. */
async function checkThatAllIsGreen(): Promise<void> {
  const files = options.folder.map((folder) => `functions/${folder}/${someFile[folder]}.ts`);
  for (const hunter of hunters) {
    for (const file of files) {
      if (!(await hunter.areGreen(file))) throw new Error(`the tests of ${file} fail unbroken`);
    }
  }
}

import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { writeResults } from '../bench/results.ts';
import { equivalents } from './equivalents.ts';
import { type Fate, type Hunter, startHunter } from './hunter.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { sample } from './sample.ts';

// Breaks the code in one place at a time and counts how often the tests see it.

const { values: options } = parseArgs({
  options: {
    folder: { type: 'string', multiple: true, default: ['core', 'feishu'] },
    file: { type: 'string', default: '' },
    sample: { type: 'string', default: '150' },
    seed: { type: 'string', default: '2' },
    all: { type: 'boolean', default: false },
  },
});

/** Whose tests there are, to be run unbroken. */
const someFile: Record<string, string> = { core: 'refusal', feishu: 'http' };

// one for each of the two processes that the tests share in any case
const hunters = [startHunter(), startHunter()];
process.once('SIGINT', () => {
  stop();
  process.exit(130);
});
try {
  const folders = [];
  for (const folder of options.folder) folders.push(await hunt(folder));
  if (options.file === '' && folders.length === 2) {
    const drawn = options.all ? 'every mutant' : `a sample, seed ${options.seed}`;
    writeResults('mutation', { drawn, folders });
  }
} finally {
  stop();
}

function stop(): void {
  for (const hunter of hunters) hunter.stop();
}

async function hunt(folder: string) {
  const started = performance.now();
  const all = mutantsIn(`functions/${folder}`);
  const drawn = options.all ? all : sample(all, Number(options.sample), Number(options.seed));
  await checkThatAllIsGreen(folder);
  const fates = await fatesOf(drawn);
  await checkThatAllIsGreen(folder);
  const count = (counted: (mutant: Mutant, fate: Fate) => boolean) =>
    fates.filter(([mutant, fate]) => counted(mutant, fate)).length;

  const killed = count((_, fate) => fate !== 'alive');
  const equivalent = count((mutant, fate) => fate === 'alive' && isEquivalent(mutant));
  const figures = {
    folder,
    mutants: all.length,
    drawn: drawn.length,
    killed,
    killedByNoEnd: count((_, fate) => fate === 'endless'),
    equivalent,
    survived: drawn.length - killed - equivalent,
    killedPercent: Math.floor((1000 * killed) / (drawn.length - equivalent)) / 10,
    seconds: Math.round((performance.now() - started) / 1000),
  };
  console.log(figures);
  return figures;
}

async function fatesOf(mutants: Mutant[]): Promise<[Mutant, Fate][]> {
  const fates: [Mutant, Fate][] = [];
  const waiting = [...mutants];
  async function work(hunter: Hunter): Promise<void> {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const fate = await hunter.fateOf(mutant);
      fates.push([mutant, fate]);
      tell(mutant, fate);
    }
  }
  await Promise.all(hunters.map(work));
  return fates;
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

function isEquivalent({ file, was, becomes }: Mutant): boolean {
  return equivalents.some(
    (known) => known.file === file && known.was === was && known.becomes === becomes,
  );
}

/** The survivors, and what else somebody should look at. */
function tell(mutant: Mutant, fate: Fate): void {
  const { file, line, was, becomes } = mutant;
  if (fate === 'red' && !isEquivalent(mutant)) return;
  if (fate === 'alive' && isEquivalent(mutant)) return;
  const note = isEquivalent(mutant) ? ', though listed as equivalent' : '';
  console.log(`${file}:${line} ${fate}${note}\n  - ${was}\n  + ${becomes}`);
}

/** Tests that are red by themselves, or stay so after a mutant, would kill everything. */
async function checkThatAllIsGreen(folder: string): Promise<void> {
  const file = `functions/${folder}/${someFile[folder]}.ts`;
  const fates = await Promise.all(hunters.map((hunter) => hunter.check(file)));
  if (fates.some((fate) => fate !== 'alive')) throw new Error(`no mutant, and yet: ${fates}`);
}

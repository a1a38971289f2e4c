import { EventEmitter } from 'node:events';
import { styleText } from 'node:util';
import Table from 'cli-table3';
import { Listr } from 'listr2';
import type { ImportResource } from '../../functions/executions/import-resource.ts';
import { type DemoImport, demoImports } from './demo-imports.ts';
import { type WatchedStep, watchedStep } from './demo-progress.ts';
import { demoApp, startFeishuSimulator } from './feishu-simulator.ts';
import { startLocalWorkflow } from './local-workflow.ts';

type Ended = { wanted: DemoImport; resource: ImportResource; end: string };

await using simulator = await startFeishuSimulator();
const steps = new EventEmitter<Record<string, [WatchedStep | 'ended']>>();
await using workflow = await startLocalWorkflow({
  feishu: { baseUrl: simulator.url, timeoutMs: 2000, outageSeconds: 900, app: demoApp },
  onStateEntered({ executionName, state, input, at }) {
    const step = watchedStep(state, input, at);
    if (step) steps.emit(executionName, step);
  },
  onExecutionEnded: ({ executionName }) => steps.emit(executionName, 'ended'),
});

console.log(`A simulated Feishu at ${simulator.url}; the API at ${workflow.url}.
The state machine and its functions are the ones that run in AWS, and the waits are real.
`);
const startedAt = Date.now();
const ended = await (process.stdout.isTTY ? followLive() : followInLines());

const wrong = ended.filter(({ wanted, end }) => end !== wanted.expected);
console.log(`
${summary(ended)}

${ended.length - wrong.length} of ${ended.length} imports ended as they should.`);
process.exitCode = wrong.length === 0 ? 0 : 1;

/** Starts an import through the API, tells each step of it, and reads what became of it. */
async function follow(wanted: DemoImport, tell: (step: WatchedStep) => void): Promise<Ended> {
  simulator.script(wanted.ticket, wanted.script);
  const isOver = new Promise<void>((resolve) => {
    steps.on(`default_${wanted.ticket}_1`, (step) => (step === 'ended' ? resolve() : tell(step)));
  });
  const { id } = await call('POST', '/imports', { ticket: wanted.ticket });
  await isOver;
  const resource = await call('GET', `/imports/${id}`);
  return { wanted, resource, end: endInWords(resource) };
}

/** One line an import, kept up to date. */
async function followLive(): Promise<Ended[]> {
  const all: Ended[] = [];
  const tasks = demoImports.map((wanted) => ({
    title: wanted.file,
    async task(_: unknown, task: { title: string }) {
      let step: WatchedStep | undefined;
      const show = () => {
        task.title = line(wanted.file, step ? liveWords(step) : 'started');
      };
      const ticking = setInterval(show, 200);
      const over = await follow(wanted, (newStep) => {
        step = newStep;
        show();
      }).finally(() => clearInterval(ticking));
      task.title = line(wanted.file, over.end);
      all.push(over);
    },
  }));
  await new Listr(tasks, { concurrent: true }).run();
  return all;
}

/** A line a step, for logs and pipes. */
async function followInLines(): Promise<Ended[]> {
  return Promise.all(
    demoImports.map(async (wanted) => {
      const over = await follow(wanted, ({ words, nextQueryAt }) => {
        const wait = nextQueryAt && `; next query in ${secondsUntil(nextQueryAt)} s`;
        console.log(line(wanted.file, `${words}${wait ?? ''}`));
      });
      console.log(line(wanted.file, over.end));
      return over;
    }),
  );
}

function line(file: string, words: string): string {
  const elapsed = ((Date.now() - startedAt) / 1000).toFixed(1);
  return `${elapsed.padStart(5)} s  ${styleText('bold', file.padEnd(14))} ${words}`;
}

function liveWords({ words, nextQueryAt }: WatchedStep): string {
  return nextQueryAt === undefined
    ? words
    : `${words} ${styleText('dim', `(next query in ${secondsUntil(nextQueryAt)} s)`)}`;
}

function secondsUntil(at: number): number {
  return Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

function endInWords({ status, complete, error }: ImportResource): string {
  if (status === 'succeeded') return complete ? 'succeeded' : 'succeeded, not complete';
  return error?.name ?? status;
}

function summary(all: Ended[]): string {
  const terminalWidth = process.stdout.columns ?? 100;
  const table = new Table({
    head: ['file', 'ended as', 'queries', 'seconds', 'what became of it'],
    style: process.stdout.isTTY ? { head: ['bold'], border: ['dim'] } : { head: [], border: [] },
    wordWrap: true,
    colWidths: [16, 25, 9, 9, Math.max(20, Math.min(terminalWidth, 120) - 65)],
  });
  table.push(
    ...all
      .toSorted((one, other) => one.wanted.ticket.localeCompare(other.wanted.ticket))
      .map(({ wanted, end, resource }) => [
        wanted.file,
        end,
        String(resource.queries),
        String(resource.elapsed_seconds),
        whatBecame(resource),
      ]),
  );
  return table.toString();
}

function whatBecame({ document, warnings = [], error }: ImportResource): string {
  if (error) return `${error.message}\n${error.advice}`;
  const notices = warnings.map(({ meaning }) => `- ${meaning}`);
  return [document?.url, ...notices].join('\n');
}

async function call(method: string, path: string, body?: object): Promise<ImportResource> {
  const response = await fetch(`${workflow.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body ? JSON.stringify(body) : null,
  });
  if (!response.ok)
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as ImportResource;
}

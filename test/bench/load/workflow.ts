import { monitorEventLoopDelay } from 'node:perf_hooks';
import { demoApp } from '../../../infra/local/feishu-simulator.ts';
import { startLocalWorkflow } from '../../../infra/local/local-workflow.ts';

// The local workflow in a process of its own, so that what is measured is that of nothing else: the
// simulated Feishu and the callers are in the process that forks this one, and asks it for figures.

export type Figures = {
  running: number;
  /** After the garbage was collected. */
  heapBytes: number;
  mostRssBytes: number;
  /** How much later than asked for the event loop came round, since the figures were asked for last. */
  delayMs: { p50: number; p99: number; max: number };
};

const [feishuUrl = '', timeLapse = '1', keptExecutions = '20000'] = process.argv.slice(2);
let mostRssBytes = 0;
const watching = setInterval(() => {
  mostRssBytes = Math.max(mostRssBytes, process.memoryUsage.rss());
}, 20);
const resolution = 5;
const delay = monitorEventLoopDelay({ resolution });
delay.enable();

const workflow = await startLocalWorkflow({
  feishu: { baseUrl: feishuUrl, timeoutMs: 8000, outageSeconds: 900, app: demoApp },
  timeLapse: Number(timeLapse),
  keptExecutions: Number(keptExecutions),
});

process.on('message', (asked) => {
  const running = workflow.stepFunctions.runningExecutions();
  if (asked === 'running') return void process.send?.(running);
  // what is recorded is the time between two rounds
  const inMs = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution);
  const delayMs = {
    p50: inMs(delay.percentile(50)),
    p99: inMs(delay.percentile(99)),
    max: inMs(delay.max),
  };
  // a full collection stops everything: it is no part of what it measures
  globalThis.gc?.();
  const figures: Figures = {
    running,
    heapBytes: process.memoryUsage().heapUsed,
    mostRssBytes,
    delayMs,
  };
  process.send?.(figures);
  setImmediate(() => delay.reset());
});
process.once('disconnect', () => {
  clearInterval(watching);
  delay.disable();
  void workflow.close();
});
process.send?.(workflow.url);

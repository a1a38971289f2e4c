import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Figures } from './workflow.ts';

export type MeasuredWorkflow = AsyncDisposable & {
  url: string;
  figures(): Promise<Figures>;
  /** Throws where it takes longer than ten minutes. */
  untilAllHaveEnded(): Promise<void>;
};

/** The local workflow in a process of its own, which asks a Feishu in this one. */
export async function startMeasuredWorkflow(
  feishuUrl: string,
  { timeLapse = 1, keptExecutions = 20_000 } = {},
): Promise<MeasuredWorkflow> {
  const child = fork(
    new URL('workflow.ts', import.meta.url),
    [feishuUrl, String(timeLapse), String(keptExecutions)],
    { execArgv: ['--expose-gc', '--unhandled-rejections=strict'] },
  );
  const [url] = await once(child, 'message');

  async function ask(what: 'running' | 'figures') {
    child.send(what);
    const [answer] = await once(child, 'message');
    return answer;
  }

  async function untilAllHaveEnded() {
    for (let looks = 0; looks < 3000; looks++) {
      if ((await ask('running')) === 0) return;
      await sleep(200);
    }
    throw new Error('Not all have ended in ten minutes');
  }

  return {
    url,
    figures: () => ask('figures'),
    untilAllHaveEnded,
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { startFeishuSimulator } from '../../../infra/local/feishu-simulator.ts';
import { each, endedRight, endOf, get, post, ticketOf } from './imports.ts';
import { startMeasuredWorkflow } from './measured-workflow.ts';

export type LeakFigures = Awaited<ReturnType<typeof checkForLeaks>>;

const timeLapse = 60;
const keptExecutions = 500;
const importsPerSecond = 40;
const realSeconds = 3600 / timeLapse;

/** An hour that passes in a minute, with imports that come and go, of which only some are kept. */
export async function checkForLeaks() {
  await using simulator = await startFeishuSimulator({
    scriptFor: (ticket) => {
      const number = numberOf(ticket);
      const fromSeconds = ((number % 10) * 60) / timeLapse;
      const timeline = [
        { fromSeconds: 0, reply: { result: { job_status: 2 } } },
        { fromSeconds, reply: endOf(number).reply },
      ];
      return { timeline, since: 'firstQuery' };
    },
  });
  await using workflow = await startMeasuredWorkflow(simulator.url, { timeLapse, keptExecutions });
  let imports = 0;

  async function importFor(seconds: number) {
    const posts: Promise<unknown>[] = [];
    const from = performance.now();
    for (let beat = 0; beat < seconds * importsPerSecond; beat++) {
      posts.push(post(workflow.url, ticketOf(imports++)));
      await sleep(Math.max(0, from + ((beat + 1) * 1000) / importsPerSecond - performance.now()));
    }
    await Promise.all(posts);
  }

  // until as many have ended as are kept, and all code has been compiled
  await importFor(realSeconds / 3);
  await workflow.untilAllHaveEnded();
  const before = await workflow.figures();
  const warmUp = imports;
  await importFor(realSeconds);
  const busy = await workflow.figures();
  await workflow.untilAllHaveEnded();
  const after = await workflow.figures();

  const kept = await endedIds(workflow.url);
  let right = 0;
  await each(kept.length, 50, async (place) => {
    const ticket = kept[place]?.replace(/^default_(.*)_1$/, '$1') ?? '';
    if (endedRight(numberOf(ticket), await get(workflow.url, ticket))) right += 1;
  });

  return {
    virtualSeconds: realSeconds * timeLapse,
    imports: imports - warmUp,
    atOnce: busy.running,
    kept: kept.length,
    right,
    heapBytesBefore: before.heapBytes,
    heapBytesAfter: after.heapBytes,
    mostRssBytes: after.mostRssBytes,
  };
}

const numberOf = (ticket: string) => Number(ticket.replace('ticket-', ''));

async function endedIds(url: string): Promise<string[]> {
  const ids: string[] = [];
  for (const status of ['succeeded', 'failed']) {
    let cursor = '';
    do {
      const response = await fetch(`${url}/imports?status=${status}${cursor}`);
      const page = (await response.json()) as { imports: { id: string }[]; cursor?: string };
      ids.push(...page.imports.map(({ id }) => id));
      cursor = page.cursor ? `&cursor=${encodeURIComponent(page.cursor)}` : '';
    } while (cursor);
  }
  return ids;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { startFeishuSimulator } from '../../../infra/local/feishu-simulator.ts';
import { each, endedRight, endOf, get, post, ticketOf } from './imports.ts';
import { startMeasuredWorkflow } from './measured-workflow.ts';

export type InFlightFigures = Awaited<ReturnType<typeof measureInFlight>>;

const callers = 100;

/** Each of them is asked for now and then meanwhile. */
const flightMs = 20_000;

/** So many imports at once in real time: all are started, and none may end before the last has been. */
export async function measureInFlight(imports: number) {
  await using simulator = await startFeishuSimulator({
    scriptFor: () => ({ replies: [{ result: { job_status: 2 } }] }),
  });
  await using workflow = await startMeasuredWorkflow(simulator.url);
  const { url } = workflow;

  const before = await workflow.figures();
  const startedAt = performance.now();
  await each(imports, callers, (number) => post(url, ticketOf(number)));
  const startSeconds = (performance.now() - startedAt) / 1000;
  const starting = await workflow.figures();

  await sleep(flightMs);
  const inFlight = await workflow.figures();

  const releasedAt = performance.now();
  for (let number = 0; number < imports; number++) {
    simulator.script(ticketOf(number), { replies: [endOf(number).reply] });
  }
  await workflow.untilAllHaveEnded();
  const endSeconds = (performance.now() - releasedAt) / 1000;
  const after = await workflow.figures();

  let right = 0;
  let queries = 0;
  await each(imports, callers, async (number) => {
    if (endedRight(number, await get(url, ticketOf(number)))) right += 1;
    queries += simulator.queriesOf(ticketOf(number));
  });
  const { mostRssBytes } = await workflow.figures();

  return {
    imports,
    inFlight: inFlight.running,
    right,
    queries,
    startSeconds,
    endSeconds,
    mostRssBytes,
    bytesInFlight: (inFlight.heapBytes - before.heapBytes) / imports,
    bytesEnded: (after.heapBytes - before.heapBytes) / imports,
    delayMs: { starting: starting.delayMs, inFlight: inFlight.delayMs, ending: after.delayMs },
  };
}

import assert from 'node:assert/strict';
import { jitter } from '../../functions/core/jitter.ts';
import { demoApp, type Reply, startFeishuSimulator } from '../../infra/local/feishu-simulator.ts';
import { startLocalWorkflow } from '../../infra/local/local-workflow.ts';
import { postImport, readImport } from './api-client.ts';

// Runs many imports at once, in a process of its own, so that its memory is that of nothing else.
// Prints what became of them as a line of JSON.

const [imports = 0, seed = 0] = process.argv.slice(2).map(Number);

/** A number from 0 up to 1 that the seed, the ticket and the place decide. */
const random = (...place: (string | number)[]) => jitter(`${seed} ${place.join(' ')}`);

function oneOf<Item>(items: readonly Item[], ...place: (string | number)[]): Item {
  return items[Math.floor(random(...place) * items.length)] as Item;
}

const faults: Reply[] = [
  { raw: { http: 502, body: '<html>Bad Gateway</html>', contentType: 'text/html' } },
  { error: { code: 1069901, http: 500 } },
  { error: { code: 2200 } },
  { fault: 'drop' },
  { fault: 'dropMidBody' },
  { rateLimit: { resetSeconds: 1 } },
  { rateLimit: { http: 400, resetSeconds: 2.5 } },
  { raw: { http: 200, body: '{"code":0,"data":', contentType: 'application/json' } },
  { result: { job_status: 0, token: '' } },
  { result: null },
  { delayMs: 30, result: { job_status: 2 } },
  { delayMs: 10, error: { code: 1069905, http: 500 } },
];

const failures = [
  [100, 'Import.FileEncrypted'],
  [110, 'Import.NoPermission'],
  [5000, 'Import.InternalError'],
  [7002, 'Import.BlockTooLarge'],
  [4711, 'Import.UnknownStatus'],
] as const;

/** What Feishu and the network do to a ticket, and how it must end for all that. */
function scripted(ticket: string): { replies: Reply[]; expected: object } {
  const length = Math.floor(random(ticket, 'length') * 12);
  const before = Array.from({ length }, (_, place) =>
    random(ticket, place) < 0.5
      ? { result: { job_status: 2 } }
      : oneOf(faults, ticket, place, 'fault'),
  );
  if (random(ticket, 'end') < 0.7) {
    const extra = random(ticket, 'extra') < 0.3 ? ['2000'] : [];
    const result = {
      job_status: 0,
      token: `token-of-${ticket}`,
      url: 'https://example.feishu.cn/',
      extra,
    };
    return {
      replies: [...before, { result }],
      expected: {
        status: 'succeeded',
        complete: extra.length === 0,
        document: { token: `token-of-${ticket}` },
      },
    };
  }
  const [job_status, name] = oneOf(failures, ticket, 'failure');
  return {
    replies: [...before, { result: { job_status } }],
    expected: { status: 'failed', error: { name, ticket, job_status } },
  };
}

let running = imports;
const allEnded = Promise.withResolvers<void>();
await using simulator = await startFeishuSimulator();
await using workflow = await startLocalWorkflow({
  feishu: { baseUrl: simulator.url, timeoutMs: 2000, outageSeconds: 900, app: demoApp },
  timeLapse: 1000,
  onExecutionEnded: () => --running === 0 && allEnded.resolve(),
});
let mostBytes = 0;
const watching = setInterval(() => {
  mostBytes = Math.max(mostBytes, process.memoryUsage().rss);
}, 20);

const tickets = Array.from({ length: imports }, (_, number) => `ticket-${number}`);
for (const ticket of tickets) simulator.script(ticket, scripted(ticket));
const started = await Promise.all(tickets.map((ticket) => postImport(workflow, { ticket })));
await allEnded.promise;
const ended = await Promise.all(started.map(({ id }) => readImport(workflow, id)));
clearInterval(watching);

const wrong = ended.filter((resource) => {
  try {
    assert.partialDeepStrictEqual(resource, scripted(resource.ticket ?? '').expected);
    return false;
  } catch {
    return true;
  }
});
console.log(
  JSON.stringify({
    different: new Set(ended.map(({ id }) => id)).size,
    wrong,
    megabytes: Math.round(mostBytes / 2 ** 20),
  }),
);

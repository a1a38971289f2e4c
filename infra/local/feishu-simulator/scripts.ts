import type { Reply } from './replies.ts';

/**
 * `replies`: in order, the last one for ever. `timeline`: the latest entry whose `fromSeconds` have
 * passed since the ticket's first query (or since it was scripted); before the first entry the
 * import is initialising. Plain data.
 */
export type Script =
  | { replies: Reply[] }
  | { timeline: { fromSeconds: number; reply: Reply }[]; since?: 'firstQuery' | 'scripted' };

type RunningScript = { script: Script; startedAt: number | undefined; answered: number };

// no source tells what Feishu says of a ticket it does not know: this is a permanent error it documents
const unknownTicket: Reply = { error: { code: 1069904 } };
const initialising: Reply = { result: { job_status: 1 } };

/** Keeps each ticket's script and how far it has come. */
export function createScripts(
  now: () => number,
  scriptFor: (ticket: string) => Script | undefined = () => undefined,
) {
  const runningScripts = new Map<string, RunningScript>();
  const queries = new Map<string, number>();

  function start(ticket: string, script: Script): RunningScript {
    const steps = 'replies' in script ? script.replies : script.timeline;
    if (steps.length === 0) throw new Error(`The script of ticket ${ticket} has no replies.`);
    const isClockRunning = 'timeline' in script && script.since === 'scripted';
    const running = { script, startedAt: isClockRunning ? now() : undefined, answered: 0 };
    runningScripts.set(ticket, running);
    return running;
  }

  function startUnscripted(ticket: string): RunningScript | undefined {
    const script = scriptFor(ticket);
    return script && start(ticket, script);
  }

  function nextReply(ticket: string): Reply {
    queries.set(ticket, (queries.get(ticket) ?? 0) + 1);
    const running = runningScripts.get(ticket) ?? startUnscripted(ticket);
    if (!running) return unknownTicket;

    running.startedAt ??= now();
    running.answered += 1;
    const { script, startedAt, answered } = running;
    if ('replies' in script) return script.replies[answered - 1] ?? lastOf(script.replies);

    const elapsedSeconds = (now() - startedAt) / 1000;
    const passed = script.timeline
      .toSorted((one, other) => one.fromSeconds - other.fromSeconds)
      .findLast(({ fromSeconds }) => fromSeconds <= elapsedSeconds);
    return passed?.reply ?? initialising;
  }

  return {
    script: (ticket: string, script: Script): void => void start(ticket, script),
    nextReply,
    queriesOf: (ticket: string): number => queries.get(ticket) ?? 0,
  };
}

const lastOf = (replies: Reply[]): Reply => replies.at(-1) ?? unknownTicket;

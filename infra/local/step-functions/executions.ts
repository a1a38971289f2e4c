import { deserialize, serialize } from 'node:v8';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

export type EndStatus = 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export type End = {
  status: EndStatus;
  output?: unknown;
  error?: string | undefined;
  cause?: string | undefined;
};

/** Times in `…Ms` are milliseconds since the execution's start: small numbers take no memory. */
export type Ending = {
  status: EndStatus;
  endedMs: number;
  output?: string;
  error?: string;
  cause?: string;
};

export type Attempt = {
  input: unknown;
  startedMs: number;
  endedMs: number | undefined;
  output: unknown;
  error: string | undefined;
  cause: string | undefined;
};

export type Visit = {
  state: string;
  enteredMs: number;
  input: unknown;
  /** Of the function, in a Task. */
  attempts: Attempt[] | undefined;
  exitedMs: number | undefined;
  output: unknown;
};

export type Execution = {
  /** Counts the executions of the machine, so that a page ends in the same place however many follow. */
  sequence: number;
  name: string;
  input: string;
  startedAt: number;
  visits: Visit[] | Uint8Array;
  ending: Ending | undefined;
};

export const visitsOf = ({ visits }: Execution) =>
  Array.isArray(visits) ? visits : (deserialize(inflateRawSync(visits)) as Visit[]);

/** Ended executions are kept for long, and are seldom looked at. */
export function packVisits(execution: Execution) {
  // a copy of its own size, since zlib's result holds on to the 16 kB it was written into
  execution.visits = new Uint8Array(deflateRawSync(serialize(visitsOf(execution))));
}

export type ExecutionStore = ReturnType<typeof executionStore>;

/**
 * AWS forgets an execution 90 days after it ended, and its name is free again. Here the oldest of
 * those that have ended is forgotten where there are more than `kept`; what runs never is.
 */
export function executionStore(kept = 20_000) {
  const byName = new Map<string, Execution>();
  const inOrder: Execution[] = [];
  const ended: Execution[] = [];
  let sequence = 0;

  return {
    add(name: string, input: string, startedAt: number) {
      const execution: Execution = {
        sequence,
        name,
        input,
        startedAt,
        visits: [],
        ending: undefined,
      };
      sequence += 1;
      byName.set(name, execution);
      inOrder.push(execution);
      return execution;
    },
    /** To be told of every execution that has ended. */
    hasEnded(name: string) {
      const execution = byName.get(name);
      if (execution) ended.push(execution);
      const oldest = ended.length > kept ? ended.shift() : undefined;
      if (!oldest) return;
      byName.delete(oldest.name);
      inOrder.splice(inOrder.indexOf(oldest), 1);
    },
    find: (name: string) => byName.get(name),
    *newestBefore(before: number) {
      for (const execution of inOrder.toReversed()) {
        if (execution.sequence < before) yield execution;
      }
    },
  };
}

/** What Feishu says when it is asked. */
export type Told =
  | { kind: 'running' }
  /** `job_status` 0, and the document is not there yet. */
  | { kind: 'done_without_token' }
  | { kind: 'done' }
  | { kind: 'rate_limit'; resetSeconds: number }
  | { kind: 'unavailable' };

/** What follows: a wait, or an end. */
export type Next =
  | { kind: 'wait'; seconds: number }
  | { kind: 'found' }
  /** Nobody asks any more, though the import goes on. */
  | { kind: 'gave_up' }
  /** Said to have ended as it has not. */
  | { kind: 'misreported' };

/** Waits for one import. */
export type Asker = {
  /** Before the first query. */
  firstWaitSeconds: number;
  next: (told: Told, elapsedSeconds: number) => Next;
};

/** A schedule that takes part: ours, or a peer's. */
export type Contender = {
  id: string;
  name: string;
  /** The import's name decides the jitter. */
  waitFor: (importName: string) => Asker;
  /** State transitions of an import that took so many queries. */
  transitions: (queries: number) => number;
};

import type { Reply } from '../../infra/local/feishu-simulator.ts';

// The main paths through the state machine with the real function, as data: for the built bundle,
// and for another engine. They are short, for another engine's seconds are real ones.

export type Scenario = {
  title: string;
  replies: Reply[];
  /** Of the execution, beside the ticket; or all of it, as text. */
  input?: object | string;
  ends: { status: 'SUCCEEDED' | 'FAILED'; states: string[]; error?: string };
  /** Some of what the output or the Cause holds. */
  holds?: object;
};

/** Of the function. */
export const outageSeconds = 2;

export const query = ['QueryImport', 'BranchOnJobStatus'];
export const another = ['WaitBeforeNextQuery', ...query];
export const first = ['WaitBeforeFirstQuery', ...query];

const succeeds = (...before: string[]): Scenario['ends'] => ({
  status: 'SUCCEEDED',
  states: [...before, 'ImportSucceeded'],
});
const fails = (error: string, ...before: string[]): Scenario['ends'] => ({
  status: 'FAILED',
  states: [...before, 'ImportFailed'],
  error,
});

const running = { result: { job_status: 2 } };
const done = {
  result: { job_status: 0, token: 'Fm7o', url: 'https://example.feishu.cn/docx/Fm7o' },
};
const down = { error: { code: 1069901, http: 500 } };

const invalidInputs = ['[]', '5', '"x"', 'null', '{}', '{"ticket":5}'];

export const scenarios: Scenario[] = [
  {
    title: 'succeeds at once',
    replies: [done],
    ends: succeeds(...first),
    holds: { status: 'succeeded', complete: true, queries: 1 },
  },
  {
    title: 'succeeds with warnings',
    replies: [{ result: { ...done.result, extra: ['2000', '4711'] } }],
    ends: succeeds(...first),
    holds: { complete: false, warnings: [{ code: '2000' }, { code: '4711' }] },
  },
  {
    title: 'succeeds after a wait',
    replies: [running, done],
    ends: succeeds(...first, ...another),
    holds: { queries: 2 },
  },
  {
    title: 'waits for the document after a status of 0 without one',
    replies: [{ result: { job_status: 0 } }, done],
    ends: succeeds(...first, ...another),
    holds: { document: { token: 'Fm7o' } },
  },
  {
    title: 'comes back later where the caller expects a long import',
    replies: [done],
    input: { expected_seconds: 40 },
    ends: succeeds(...first, ...another),
    holds: { queries: 1 },
  },
  {
    title: 'fails with a documented status',
    replies: [running, { result: { job_status: 110, job_error_msg: '没有权限 "quoted" \\' } }],
    ends: fails('Import.NoPermission', ...first, ...another),
    holds: { job_status: 110, job_error_msg: '没有权限 "quoted" \\', queries: 2 },
  },
  {
    title: 'fails with a status that nobody has documented',
    replies: [{ result: { job_status: 4711 } }],
    ends: fails('Import.UnknownStatus', ...first),
    holds: { job_status: 4711 },
  },
  {
    title: 'succeeds with a failed import where the caller wants it returned',
    replies: [{ result: { job_status: 100 } }],
    input: { on_failure: 'return' },
    ends: succeeds(...first),
    holds: { status: 'failed', error: { name: 'Import.FileEncrypted' } },
  },
  {
    title: 'fails in spite of on_failure where Feishu does not say so of the file',
    replies: [{ error: { code: 99991672 } }],
    input: { on_failure: 'return' },
    ends: fails('Feishu.ScopeMissing', ...first),
  },
  {
    title: 'fails where a renewed token is refused too',
    replies: [{ error: { code: 99991663 } }],
    ends: fails('Feishu.TokenRejected', ...first),
    holds: { code: 99991663 },
  },
  {
    title: 'waits a rate limit out',
    replies: [{ rateLimit: { resetSeconds: 1 } }, done],
    ends: succeeds(...first, ...another),
  },
  {
    title: 'bears with Feishu being down, and goes on when it is back',
    replies: [{ raw: { http: 503, body: 'down' } }, done],
    ends: succeeds(...first, ...another),
  },
  {
    title: 'fails once the outage has lasted as long as it may',
    replies: [down],
    ends: fails('Feishu.Unavailable', ...first, ...another),
    holds: { code: 1069901, retryable: true },
  },
  {
    title: 'times out with a last query at the deadline',
    replies: [running],
    input: { timeout_seconds: 5, expected_seconds: 40 },
    ends: fails('Import.TimedOut', ...first, ...another),
    holds: { job_status: 2, queries: 1 },
  },
  {
    title: 'fails for a profile that nobody knows',
    replies: [done],
    input: { profile: 'other' },
    ends: fails('Profile.Unknown', ...first),
  },
  ...invalidInputs.map((input) => ({
    title: `fails for the input ${input}`,
    replies: [done],
    input,
    ends: fails('Input.Invalid', ...first),
  })),
];

/** What an execution of a scenario is started with. */
export function inputOf({ input }: Pick<Scenario, 'input'>, ticket: string): string {
  return typeof input === 'string' ? input : JSON.stringify({ ticket, ...input });
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { queryResult } from '../../functions/contract/query-step.ts';
import type { Answer, RefusalAnswer, ResultAnswer } from '../../functions/core/answer.ts';
import { type ApiCode, apiCodes } from '../../functions/core/api-codes.ts';
import { adviceFor, errorCatalogue } from '../../functions/core/error-catalogue.ts';
import {
  type Decision,
  type DecisionContext,
  decide,
  decideUnasked,
  elapsedSeconds,
  type Memory,
  noMemory,
} from '../../functions/core/import-decision.ts';
import { refusalAnswer, resultAnswer } from '../answers.ts';
import documented from '../reference/import-codes.json' with { type: 'json' };

const ticket = '7369583175086912356';

const result = (told: Partial<ResultAnswer> = {}) => resultAnswer({ ticket, ...told });

const processing = result({ jobStatus: 2 });
const rateLimit = refusalAnswer({
  httpStatus: 429,
  code: 99991400,
  msg: 'slow down',
  logId: 'log-429',
});
const badGateway = refusalAnswer({ httpStatus: 502, msg: 'Bad Gateway', logId: 'log-502' });
const timeout: Answer = { kind: 'no_answer', reason: 'no whole answer within 8000 ms' };
const finished = result({
  jobStatus: 0,
  jobErrorMsg: 'success',
  type: 'sheet',
  token: 'Fm7o',
  url: 'https://example.feishu.cn/sheets/Fm7o',
});

const context = (differing: Partial<DecisionContext> = {}): DecisionContext => ({
  ticket,
  elapsedSeconds: 10,
  timeoutSeconds: 3600,
  expectedSeconds: undefined,
  outageSeconds: 900,
  accessToken: 'tenant',
  jitter: 0.5,
  ...differing,
});

const memory = (differing: Partial<Memory> = {}): Memory => ({
  ...noMemory,
  queries: 3,
  elapsedSeconds: 8,
  waitSeconds: 2,
  ...differing,
});

function decideFirst(answer: Answer, differing?: Partial<DecisionContext>): Decision {
  return decide(answer, noMemory, context(differing));
}

function failureOf(decision: Decision) {
  if (decision.outcome !== 'failed') throw new Error(`the import is ${decision.outcome}`);
  return decision.failure;
}

function* always(answer: Answer, before: readonly Answer[] = []): Generator<Answer> {
  yield* before;
  for (;;) yield answer;
}

function* inTurn(answers: readonly Answer[]): Generator<Answer> {
  for (;;) yield* answers;
}

/** Asks until the import ends or nothing more is answered. The state machine's first Wait takes three seconds. */
function askOn(answers: Iterable<Answer>, differing: Partial<DecisionContext> = {}) {
  const decisions: Decision[] = [];
  let known = noMemory;
  for (const answer of answers) {
    const seconds = elapsedSeconds(differing.elapsedSeconds ?? 3, known);
    const decision = decide(answer, known, context({ ...differing, elapsedSeconds: seconds }));
    decisions.push(decision);
    known = decision.memory;
    if (decision.outcome !== 'pending') break;
    if (decisions.length > 3000) throw new Error('this polls for ever');
  }
  const last = decisions.at(-1);
  if (!last) throw new Error('nothing was asked');
  return { last, waits: decisions.map((decision) => decision.memory.waitSeconds) };
}

const statuses = documented.job_status.map((row) => [row.code, row] as const);
const failing = documented.job_status.flatMap((row) =>
  row.error === undefined ? [] : [[row.code, row.error, row] as const],
);

test.for(statuses)('job_status %i with a document is decided as documented', ([code, row]) => {
  const decision = decideFirst(result({ jobStatus: code, token: 'Fm7o' }));

  expect(decision.outcome).toBe(row.outcome);
  expect(decision.memory.jobStatus).toBe(code);
});

test.for(failing)('job_status %i fails as %s', ([code, error, row]) => {
  const failure = failureOf(decideFirst(result({ jobStatus: code, jobErrorMsg: 'why' })));

  expect(failure).toMatchObject({ error, jobStatus: code, jobErrorMsg: 'why' });
  expect(failure.retryable).toBe(false);
  expect(failure.reimport).toBe(/InternalError|ProcessingTimedOut|FileExpired/.test(error));
  expect(failure.message.en).toContain(`${row.en} (job_status ${code})`);
  expect(failure.message.zh).toContain(`${row.zh}（job_status ${code}）`);
});

test.for([Number.NaN, 1.5, Number.POSITIVE_INFINITY])(
  'job_status %d, which is no integer, is pending',
  (jobStatus) => {
    expect(decideFirst(result({ jobStatus, token: 'Fm7o' })).outcome).toBe('pending');
  },
);

test.for([-1, 107, 9999, 1e21])('job_status %d, which nobody knows, ends the import', (code) => {
  const failure = failureOf(decideFirst(result({ jobStatus: code, token: 'Fm7o' })));

  expect(failure).toMatchObject({ error: 'Import.UnknownStatus', jobStatus: code });
  // it says nothing that nobody knows
  expect(failure.message).toEqual({
    en: `Feishu reported a status that nobody has documented (job_status ${code}): whether the file was imported is not known.`,
    zh: `飞书返回了文档未说明的状态（job_status ${code}），无法判断文件是否已导入。`,
  });
});

test('job_status 0 with a token is a document', () => {
  expect(decideFirst(finished)).toStrictEqual({
    outcome: 'succeeded',
    document: { type: 'sheet', token: 'Fm7o', url: 'https://example.feishu.cn/sheets/Fm7o' },
    warnings: [],
    memory: { ...noMemory, queries: 1, jobStatus: 0, elapsedSeconds: 10 },
  });
});

test.for([
  ['job_status 0 without a token', { jobStatus: 0, jobErrorMsg: 'success' }, 0],
  ['job_status 0 with an empty token', { jobStatus: 0, token: '' }, 0],
  ['a token without a job_status', { token: 'Fm7o' }, 1],
  ['no result at all', { ticket: undefined }, 1],
] satisfies [string, Partial<ResultAnswer>, number][])(
  '%s is pending',
  ([, told, lastJobStatus]) => {
    const decision = decide(result(told), memory({ jobStatus: 1 }), context());

    expect(decision.outcome).toBe('pending');
    expect(decision.memory.jobStatus).toBe(lastJobStatus);
  },
);

test('a document at the deadline is still a document', () => {
  expect(decideFirst(finished, { elapsedSeconds: 5000 }).outcome).toBe('succeeded');
});

test.for(documented.extra.map((row) => [row.code, row] as const))(
  'notice %s is a warning',
  ([code, row]) => {
    const decision = decideFirst({ ...finished, extra: [code] });

    expect(decision).toMatchObject({
      outcome: 'succeeded',
      warnings: [{ code, appliesTo: row.applies_to, meaning: { en: row.en, zh: row.zh } }],
    });
  },
);

test('a notice that nobody knows is a warning beside the others', () => {
  const decision = decideFirst({ ...finished, extra: ['2000', 'toString'] });

  expect(decision).toMatchObject({
    outcome: 'succeeded',
    warnings: [{ code: '2000' }, { code: 'toString', appliesTo: 'unknown' }],
  });
});

test.for([
  [232140101, 'code: 232140101, another operation is running'],
  [232140100, '[232140100]'],
  [233523001, 'failed with233523001'],
] as const)('job_status 3 that says %i is a conflict', ([conflictCode, jobErrorMsg]) => {
  const failure = failureOf(decideFirst(result({ jobStatus: 3, jobErrorMsg })));

  expect(failure).toMatchObject({
    error: 'Import.FolderConflict',
    retryable: false,
    reimport: true,
    jobStatus: 3,
    jobErrorMsg,
    conflictCode,
  });
  expect(failure.message.en).toContain(`(job_status 3, ${conflictCode})`);
  expect(failure.message.zh).toContain(`（job_status 3，${conflictCode}）`);
});

test.for([
  ['job_status 3 without a message', 3, undefined],
  ['a conflict code with a digit before it', 3, '1232140101'],
  ['a conflict code with a digit after it', 3, '2321401012'],
  ['a conflict code inside a ticket', 3, '7369232140100912356'],
  ['another code', 3, '232140102'],
  ['a conflict code with another job_status', 101, '232140101'],
] as const)('%s is no conflict', ([, jobStatus, jobErrorMsg]) => {
  const failure = failureOf(decideFirst(result({ jobStatus, jobErrorMsg })));

  expect(failure.error).toBe('Import.InternalError');
  expect(failure.conflictCode).toBeUndefined();
});

test.for([
  [2.5, undefined],
  [2.25, 1],
  [1.25, 2],
])('a query that is due after 2.5 s is at %f s put off by %d s', ([elapsedSeconds = 0, wait]) => {
  const decision = decideUnasked(noMemory, context({ elapsedSeconds, expectedSeconds: 10 }));

  expect(decision?.memory.waitSeconds).toBe(wait);
});

test("another ticket's result is no answer", () => {
  const { last } = askOn(always({ ...finished, ticket: '1', logId: 'log-1' }));

  expect(failureOf(last)).toMatchObject({ error: 'Feishu.Unavailable', logId: 'log-1' });
  expect(failureOf(last).message.en).toContain('another ticket');
  expect(failureOf(last).message.zh).toContain('其他任务');
  expect(last.memory.jobStatus).toBe(-1);
});

const apiRows: [number, ApiCode][] = Object.entries(apiCodes).map(([code, row]) => [
  Number(code),
  row,
]);
const transientAnswers: [string, Answer][] = [
  ...apiRows.flatMap(([code, { kind }]): [string, Answer][] =>
    kind === 'transient'
      ? [[`code ${code}`, refusalAnswer({ httpStatus: 500, code, msg: 'internal', logId: 'log' })]]
      : [],
  ),
  ['HTTP 502 without JSON', badGateway],
  ['an unknown code with HTTP 500', refusalAnswer({ httpStatus: 500, code: 4242424, msg: 'oops' })],
  ['HTTP 200 without JSON', refusalAnswer({ httpStatus: 200, msg: '<html>' })],
  ['a token endpoint that is down', refusalAnswer({ asked: 'token', httpStatus: 503 })],
];

test.for(transientAnswers)(
  '%s ends the import once the outage has lasted too long',
  ([, answer]) => {
    const { last } = askOn(always(answer, [processing]));

    const { code, msg, httpStatus, logId } = answer as RefusalAnswer;
    expect(failureOf(last)).toMatchObject({ error: 'Feishu.Unavailable', retryable: true });
    expect(failureOf(last)).toMatchObject({ code, msg, httpStatus, logId });
    expect(last.memory.elapsedSeconds).toBe(3 + 5 + 900);
  },
);

test('silence ends the import once it has lasted too long', () => {
  const { last } = askOn(always(timeout));

  const { error, message, msg } = failureOf(last);
  expect(error).toBe('Feishu.Unavailable');
  expect(message.en).toContain('no whole answer within 8000 ms');
  expect(message.zh).toContain('网络错误');
  // what Feishu said: nothing
  expect(msg).toBeUndefined();
});

test('an outage is asked through more and more rarely, and once more at its end', () => {
  const { waits, last } = askOn(always(timeout), { outageSeconds: 300 });

  expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60, 58, 0]);
  expect(last.memory.elapsedSeconds).toBe(3 + 300);
});

test('a very long outage is asked through ever more rarely', () => {
  const { waits } = askOn(always(timeout), { outageSeconds: 80_000, timeoutSeconds: 86_400 });

  expect(waits.slice(18, 24)).toEqual([60, 60, 75, 90, 105, 120]);
  expect(Math.max(...waits)).toBe(300);
  expect(waits.length).toBeLessThan(350);
});

test('the message of an outage says how long it lasted, and what came last', () => {
  const { last } = askOn(always(badGateway, [timeout]), { outageSeconds: 14 });

  expect(failureOf(last).message).toEqual({
    en: 'Feishu gave no usable answer for 14 s (4 queries in a row); the last time: HTTP status 502.',
    zh: '飞书连续 14 秒（4 次查询）未给出可用的响应；最后一次：HTTP 状态码 502。',
  });
});

test('the message of an outage of one query speaks of one query', () => {
  const failure = failureOf(decideFirst(badGateway, { elapsedSeconds: 3600 }));

  expect(failure.message.en).toContain('(1 query)');
});

test('an outage is waited through as long as the answer asks for, and a little longer', () => {
  const decision = decideFirst(refusalAnswer({ httpStatus: 503, retryAfterSeconds: 30 }));

  expect(decision).toMatchObject({ outcome: 'pending', memory: { waitSeconds: 33 } });
});

test('an outage that ends in time leaves nothing behind', () => {
  const { last, waits } = askOn([timeout, timeout, processing]);

  expect(last.outcome).toBe('pending');
  expect(last.memory).toMatchObject({ transientFailures: 0, outageSinceSeconds: 0, rateLimits: 0 });
  expect(waits).toEqual([2, 4, 8]);
});

test.for([
  ['a good answer', processing],
  ['a rate limit', rateLimit],
] as const)('%s starts the patience with outages anew', ([, answer]) => {
  const almostAll = memory({ transientFailures: 20, outageSinceSeconds: 10, elapsedSeconds: 908 });
  const after = decide(answer, almostAll, context({ elapsedSeconds: 909 }));

  const next = decide(timeout, after.memory, context({ elapsedSeconds: 970 }));

  expect(next.outcome).toBe('pending');
  expect(next.memory).toMatchObject({ transientFailures: 1, outageSinceSeconds: 970 });
});

test('an outage is over at its end, not before', () => {
  const since10 = memory({ transientFailures: 5, outageSinceSeconds: 10 });

  const before = decide(timeout, since10, context({ elapsedSeconds: 909.5 }));
  const atTheEnd = decide(timeout, since10, context({ elapsedSeconds: 910 }));

  expect(before).toMatchObject({ outcome: 'pending', memory: { waitSeconds: 1 } });
  expect(atTheEnd.outcome).toBe('failed');
});

test('rate limits cost no patience with outages', () => {
  const { last } = askOn(always(rateLimit), { outageSeconds: 1 });

  expect(failureOf(last).error).toBe('Import.TimedOut');
  expect(last.memory.elapsedSeconds).toBe(3600);
});

test('rate limits that nothing else follows are waited out ever longer', () => {
  const { waits } = askOn([rateLimit, rateLimit, rateLimit, processing, rateLimit]);

  expect(waits).toEqual([12, 76, 104, 54, 78]);
});

test('a rate limit widens what follows, and good answers narrow it again', () => {
  const answers = [rateLimit, rateLimit, ...Array(4).fill(processing)];
  const known: number[] = [];
  let before = memory();
  for (const answer of answers) {
    before = decide(answer, before, context({ elapsedSeconds: 100 })).memory;
    known.push(before.congestion, before.waitSeconds);
  }

  // 26 s without any; the jitter adds to the first two
  expect(known).toEqual([1, 39, 2, 99, 1, 33, 0, 26, 0, 26, 0, 26]);
});

test.for([
  ['a good answer', processing],
  ['a failure', timeout],
] as const)('%s starts the count of rate limits anew', ([, answer]) => {
  const { last } = askOn([rateLimit, rateLimit, answer]);

  expect(last.memory.rateLimits).toBe(0);
});

test('a rate limit is waited out as long as it says', () => {
  const decision = decideFirst({ ...rateLimit, retryAfterSeconds: 52.5 });

  // and half of the 12 seconds over which those who were refused spread
  expect(decision).toMatchObject({ outcome: 'pending', memory: { waitSeconds: 59 } });
});

test.for([
  ['pending', processing, 'Import.TimedOut', { jobStatus: 2, httpStatus: 200 }],
  ['without a status', result(), 'Import.TimedOut', { jobStatus: 1 }],
  ['0 without a document', result({ jobStatus: 0 }), 'Import.TimedOut', { jobStatus: 0 }],
  ['a rate limit', rateLimit, 'Import.TimedOut', { jobStatus: 1, code: 99991400, httpStatus: 429 }],
  ['a transient failure', badGateway, 'Feishu.Unavailable', { httpStatus: 502, logId: 'log-502' }],
  ['silence', timeout, 'Feishu.Unavailable', {}],
] as const)('at the deadline, %s ends the import', ([, answer, error, details]) => {
  const decision = decide(answer, memory({ jobStatus: 1 }), context({ elapsedSeconds: 3600 }));

  expect(failureOf(decision)).toMatchObject({ error, retryable: true, reimport: false });
  expect(failureOf(decision)).toMatchObject(details);
});

test('a timed-out import is said to be still running', () => {
  const failure = failureOf(decideFirst(processing, { timeoutSeconds: 5 }));

  expect(failure.message).toEqual({
    en: 'The import was not finished when the time was up (timeout_seconds 5). It has not failed: it may still be running in Feishu.',
    zh: '等待时间已到（timeout_seconds 5）时导入尚未完成。导入并未失败，可能仍在飞书中进行。',
  });
});

test('a timed-out import of which Feishu never told a status has none', () => {
  const { last } = askOn(always(rateLimit));

  expect(failureOf(last).error).toBe('Import.TimedOut');
  expect(failureOf(last).jobStatus).toBeUndefined();
});

test.for([
  ['an outage', timeout],
  ['a refusal', refusalAnswer({ httpStatus: 403 })],
  ['a refused token', refusalAnswer({ code: 99991663 })],
  ['refused credentials', refusalAnswer({ asked: 'token', code: 10003 })],
] satisfies [string, Answer][])('the last known job_status is kept through %s', ([, answer]) => {
  const { last } = askOn(always(answer, [processing]));

  expect(failureOf(last).jobStatus).toBe(2);
});

const permanent = apiRows.flatMap(([code, row]) =>
  row.kind === 'permanent' ? [[code, row.error, row] as const] : [],
);

test.for(permanent)('code %i ends the import at once as %s', ([code, error, row]) => {
  const told = { code, msg: 'no', logId: 'log-1', httpStatus: 403 };

  const failure = failureOf(decideFirst(refusalAnswer(told)));

  const { retryable, reimport } = errorCatalogue[error];
  expect(failure).toMatchObject({ error, retryable, reimport, ...told });
  expect(failure.message.en).toContain(
    `Feishu refused the query: ${row.meaning.en} (code ${code})`,
  );
  expect(failure.message.zh).toContain(`飞书拒绝了查询：${row.meaning.zh}`);
  expect(failure.message.zh).toContain(String(code));
  expect(failure.advice).toEqual(row.advice ?? adviceFor(error, 'tenant'));
});

test('a refusal without a code is told by its status', () => {
  const failure = failureOf(
    decideFirst(refusalAnswer({ httpStatus: 404, msg: '404 page not found' })),
  );

  expect(failure).toMatchObject({ error: 'Feishu.Rejected', httpStatus: 404 });
  expect(failure.message.en).toBe('Feishu refused the query: HTTP status 404.');
});

test('a code that nobody knows is named once', () => {
  const { error, message } = failureOf(decideFirst(refusalAnswer({ code: 4242424, msg: 'no' })));

  expect(error).toBe('Feishu.Rejected');
  expect(message.en.match(/4242424/g)).toHaveLength(1);
  expect(message.zh.match(/4242424/g)).toHaveLength(1);
});

test('the documented scopes are in the message where Feishu names none', () => {
  const failure = failureOf(decideFirst(refusalAnswer({ code: 99991672 })));

  expect(failure.message.en).toContain(
    ': docs:document:import, drive:drive, drive:drive:readonly.',
  );
});

test('a single scope that is missing is in the message', () => {
  const failure = failureOf(
    decideFirst(refusalAnswer({ code: 99991679, missingScopes: ['drive:drive'] })),
  );

  expect(failure.message.en).toContain('scopes is needed: drive:drive.');
});

test('the scopes that are missing are in the message', () => {
  const missingScopes = ['docs:document:import', 'drive:drive'];

  const failure = failureOf(decideFirst(refusalAnswer({ code: 99991672, missingScopes })));

  expect(failure.error).toBe('Feishu.ScopeMissing');
  expect(failure.message.en).toContain('scopes is needed: docs:document:import, drive:drive.');
  expect(failure.message.zh).toContain('以下任一权限：docs:document:import, drive:drive。');
});

const refusedTokens = apiRows.flatMap(([code, { kind }]) => (kind === 'token_refused' ? code : []));

test.for(refusedTokens)('a token refused with %i after its renewal ends the import', (code) => {
  const failure = failureOf(decideFirst(refusalAnswer({ code, msg: 'token invalid' })));

  expect(failure).toMatchObject({ error: 'Feishu.TokenRejected', code, msg: 'token invalid' });
  expect(failure.message.en).toContain(`(code ${code})`);
});

test('an import that no token is given for fails for its credentials', () => {
  const failure = failureOf(
    decideFirst(refusalAnswer({ asked: 'token', code: 10014, msg: 'secret' })),
  );

  expect(failure).toMatchObject({ error: 'Feishu.CredentialsRejected', code: 10014 });
  expect(failure.message.en).toContain('Feishu gave no access token: ');
});

test.for(['tenant', 'user'] as const)('the advice is one for a query as %s', (accessToken) => {
  const asked = { accessToken };

  const failures = [
    failureOf(decideFirst(result({ jobStatus: 116 }), asked)),
    failureOf(decideFirst(refusalAnswer({ code: 1069902 }), asked)),
    failureOf(decideFirst(refusalAnswer({ code: 99991663 }), asked)),
  ];

  expect(failures.map(({ advice }) => advice)).toEqual([
    adviceFor('Import.NoFolderPermission', accessToken),
    adviceFor('Feishu.NoPermission', accessToken),
    adviceFor('Feishu.TokenRejected', accessToken),
  ]);
});

test('an import without a profile ends unasked', () => {
  const decision = decide({ kind: 'no_profile', reason: 'there is none' }, memory(), context());

  expect(failureOf(decision)).toMatchObject({ error: 'Profile.Unknown', retryable: false });
  expect(failureOf(decision).message.en).toContain('there is none');
  expect(decision.memory).toMatchObject({ queries: 3, elapsedSeconds: 10 });
});

test.for([
  ['is what the clock says', 15, 15],
  ['is at least the wait that was asked for, though the clock stood still', 8, 10],
  ['is at least the wait that was asked for, though the clock was set back', -7200, 10],
] as const)('the time that has passed %s', ([, secondsByClock, seconds]) => {
  expect(elapsedSeconds(secondsByClock, memory())).toBe(seconds);
});

test('no time has passed before the start', () => {
  expect(elapsedSeconds(-3, noMemory)).toBe(0);
});

test('an import ends at its deadline though the clock stands still', () => {
  const { last } = askOn(always(processing), { elapsedSeconds: 0, timeoutSeconds: 600 });

  expect(failureOf(last).error).toBe('Import.TimedOut');
  expect(last.memory.elapsedSeconds).toBe(600);
});

const numbers = fc.oneof(
  fc.constantFrom(0, -0, -1, 3, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 1e308),
  fc.constantFrom(...documented.job_status.map(({ code }) => code)),
  fc.constantFrom(...apiRows.map(([code]) => code)),
  fc.integer(),
  fc.double(),
);
const texts = fc.oneof(
  fc.constantFrom('', '0', '__proto__', 'toString', '\ud800', '"\\\n', ticket, '232140101'),
  fc.string({ unit: 'binary', maxLength: 500 }),
);
const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });

const anyAnswer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({
    kind: fc.constant('result' as const),
    ticket: maybe(fc.oneof(fc.constant(ticket), texts)),
    jobStatus: maybe(numbers),
    jobErrorMsg: maybe(texts),
    type: maybe(texts),
    token: maybe(texts),
    url: maybe(texts),
    extra: fc.array(texts),
    httpStatus: numbers,
    logId: maybe(texts),
  }),
  fc.record({
    kind: fc.constant('refusal' as const),
    asked: fc.constantFrom('import' as const, 'token' as const),
    httpStatus: fc.oneof(fc.constantFrom(200, 302, 400, 403, 429, 500), numbers),
    code: maybe(numbers),
    msg: maybe(texts),
    logId: maybe(texts),
    missingScopes: fc.array(texts),
    retryAfterSeconds: numbers,
  }),
  fc.record({ kind: fc.constant('no_answer' as const), reason: texts }),
  fc.record({ kind: fc.constant('no_profile' as const), reason: texts }),
  fc.record({
    kind: fc.constantFrom('no_app_ticket' as const, 'authorisation_expired' as const),
    reason: texts,
    reasonZh: texts,
  }),
);

const counts = fc.integer({ min: 0, max: 2600 });
const moments = fc.double({ min: 0, max: 100_000, noNaN: true });
const anyMemory: fc.Arbitrary<Memory> = fc.record({
  queries: counts,
  jobStatus: fc.integer({ min: -1, max: 2 }),
  elapsedSeconds: moments,
  waitSeconds: fc.integer({ min: 0, max: 86_400 }),
  transientFailures: counts,
  outageSinceSeconds: moments,
  rateLimits: counts,
  appTicketMissedAtSeconds: fc.oneof(fc.constant(-1), moments),
  congestion: counts,
});
const anyContext = fc
  .record({
    elapsedSeconds: moments,
    timeoutSeconds: fc.integer({ min: 1, max: 86_400 }),
    outageSeconds: fc.integer({ min: 1, max: 86_400 }),
    jitter: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  })
  .map(context);

test('whatever is answered, the import ends or waits whole seconds up to its deadline', () => {
  fc.assert(
    fc.property(anyAnswer, anyMemory, anyContext, (answer, known, now) => {
      const { outcome, memory } = decide(answer, known, now);

      expect(['succeeded', 'failed', 'pending']).toContain(outcome);
      if (outcome !== 'pending') return;
      expect(memory.waitSeconds).toSatisfy(Number.isInteger);
      expect(memory.waitSeconds).toBeGreaterThanOrEqual(1);
      expect(now.elapsedSeconds + memory.waitSeconds).toBeLessThan(now.timeoutSeconds + 1);
    }),
    { numRuns: 1000 },
  );
});

test('whatever is answered, only job_status 0 with a token is a success', () => {
  fc.assert(
    fc.property(anyAnswer, anyMemory, anyContext, (answer, known, now) => {
      const isDone = answer.kind === 'result' && answer.jobStatus === 0 && !!answer.token;

      expect(decide(answer, known, now).outcome === 'succeeded').toBe(
        isDone && (answer.ticket === undefined || answer.ticket === ticket),
      );
    }),
    { numRuns: 1000 },
  );
});

test('whatever is answered, the step returns the same fields of the same types', () => {
  const { output: _, ...fields } = typesOf(queryResult(decideFirst(processing), subject));
  fc.assert(
    fc.property(anyAnswer, anyMemory, anyContext, (answer, known, now) => {
      const returned = queryResult(decide(answer, known, now), subject);

      expect(typesOf(returned)).toEqual({ ...fields, output: 'object' });
    }),
    { numRuns: 1000 },
  );
});

test('whatever is answered, what travels on with an execution stays small', () => {
  fc.assert(
    fc.property(anyAnswer, anyMemory, anyContext, (answer, known, now) => {
      const { cause: _, output: __, ...kept } = queryResult(decide(answer, known, now), subject);

      expect(JSON.stringify(kept).length).toBeLessThan(4096);
    }),
  );
});

test('from query to query, counters and time never go backwards', () => {
  fc.assert(
    fc.property(fc.array(anyAnswer), anyContext, (answers, now) => {
      let known = noMemory;
      for (const answer of answers) {
        const seconds = elapsedSeconds(now.elapsedSeconds, known);
        const decision = decide(answer, known, { ...now, elapsedSeconds: seconds });
        if (decision.outcome !== 'pending') return;

        expect(decision.memory.queries).toBe(known.queries + 1);
        expect(decision.memory.elapsedSeconds).toBeGreaterThanOrEqual(known.elapsedSeconds);
        known = decision.memory;
      }
    }),
  );
});

test('an import that Feishu answers for only every other time gives up at its deadline only', () => {
  const answers = inTurn([timeout, processing]);

  const { last } = askOn(answers, { timeoutSeconds: 80_000, outageSeconds: 10 });

  expect(last.memory.elapsedSeconds).toBe(80_000);
});

test('whatever is answered again and again, the import ends, and gives up at its deadline only', () => {
  const answersInTurn = fc.array(anyAnswer, { minLength: 1, maxLength: 5 });
  const deadlines = fc.integer({ min: 1, max: 86_400 });
  const outages = fc.integer({ min: 1, max: 900 });
  fc.assert(
    fc.property(answersInTurn, deadlines, outages, (answers, timeoutSeconds, outageSeconds) => {
      const { last } = askOn(inTurn(answers), { timeoutSeconds, outageSeconds });

      expect(last.outcome).not.toBe('pending');
      expect(last.memory.queries).toBeLessThanOrEqual(2500);
      if (last.outcome === 'failed' && last.failure.error === 'Import.TimedOut') {
        // the first query is at second 3, also where the time is up before
        expect(last.memory.elapsedSeconds).toBe(Math.max(timeoutSeconds, 3));
      }
    }),
  );
});

const subject = { ticket, profile: 'default' };

/** As Step Functions sees them: after JSON, where not every number is one. */
function typesOf(returned: object): Record<string, string> {
  const fields = Object.entries(JSON.parse(JSON.stringify(returned)));
  return Object.fromEntries(
    fields.map(([key, value]) => [key, value === null ? 'null' : typeof value]),
  );
}

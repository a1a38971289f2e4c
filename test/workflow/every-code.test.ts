import { afterAll, expect, test } from 'vitest';
import { errorCatalogue } from '../../functions/core/error-catalogue.ts';
import { demoApp, type Reply, startFeishuSimulator } from '../../infra/local/feishu-simulator.ts';
import { startLocalWorkflow } from '../../infra/local/local-workflow.ts';
import reference from '../reference/import-codes.json' with { type: 'json' };
import { finishedImport } from './api-client.ts';

// Whatever Feishu documents, from POST to the end: the real functions, engine and sockets.

const simulator = await startFeishuSimulator();
const workflow = await startLocalWorkflow({
  feishu: { baseUrl: simulator.url, timeoutMs: 1000, outageSeconds: 300, app: demoApp },
  timeLapse: 2000,
});
afterAll(() => Promise.all([workflow.close(), simulator.close()]));

async function endOf(ticket: string, replies: Reply[]) {
  simulator.script(ticket, { replies });
  return finishedImport(workflow, { ticket });
}

const running = { result: { job_status: 2 } };
const done = {
  result: { job_status: 0, token: 'Fm7o', url: 'https://example.feishu.cn/docx/Fm7o' },
};

const failingStatuses = reference.job_status.filter(({ outcome }) => outcome === 'failed');

test('knows 27 failing statuses, 14 errors of the API page, and 17 notices', () => {
  expect(failingStatuses).toHaveLength(27);
  expect(reference.api_errors.filter(({ code }) => code !== 1069923)).toHaveLength(14);
  expect(reference.extra).toHaveLength(17);
});

test.concurrent.for(
  failingStatuses.map(({ code, error, en, zh }) => [code, error, en, zh] as const),
)('job_status %i ends as %s', async ([code, name, en, zh], { expect }) => {
  const resource = await endOf(`status-${code}`, [
    running,
    { result: { job_status: code, job_error_msg: 'as scripted' } },
  ]);

  expect(resource).toMatchObject({
    status: 'failed',
    job_status: code,
    queries: 2,
    error: { ...expectedOf(name), job_status: code, job_error_msg: 'as scripted' },
  });
  expect(resource.error?.message).toContain(`${en} (job_status ${code})`);
  expect(resource.error?.message_zh).toContain(zh);
});

test.concurrent.for(
  reference.api_errors.flatMap(({ code, http, error }) =>
    error ? [[code, error, http] as const] : [],
  ),
)('code %i ends as %s', async ([code, name, http], { expect }) => {
  const resource = await endOf(`code-${code}`, [running, { error: { code, http } }]);

  expect(resource).toMatchObject({
    status: 'failed',
    error: { ...expectedOf(name), code, http_status: http, log_id: expect.any(String) },
  });
  expect(resource.elapsed_seconds ?? 0).toBeGreaterThanOrEqual(
    name === 'Feishu.Unavailable' ? 300 : 0,
  );
});

test.concurrent.for([
  [99991661, 'Feishu.TokenRejected'],
  [99991663, 'Feishu.TokenRejected'],
  [99991664, 'Feishu.TokenRejected'],
  [99991665, 'Feishu.TokenRejected'],
  [99991668, 'Feishu.TokenRejected'],
  [99991671, 'Feishu.TokenRejected'],
  [99991677, 'Feishu.TokenRejected'],
  [99991672, 'Feishu.ScopeMissing'],
  [99991679, 'Feishu.ScopeMissing'],
  [99991401, 'Feishu.IpNotAllowed'],
  [99991403, 'Feishu.QuotaExceeded'],
  [99991406, 'Feishu.QuotaExceeded'],
  [2200, 'Feishu.Unavailable'],
  [9499, 'Feishu.Rejected'],
  [99991662, 'Feishu.Rejected'],
  [12345678, 'Feishu.Rejected'],
] as const)('gateway code %i ends as %s', async ([code, name], { expect }) => {
  const resource = await endOf(`gateway-${code}`, [
    { error: { code, missingScopes: ['drive:drive'] } },
  ]);

  expect(resource).toMatchObject({ status: 'failed', error: { ...expectedOf(name), code } });
});

test.concurrent.for([
  ['1069923', { error: { code: 1069923, http: 429 } }],
  ['99991400 with HTTP 429', { rateLimit: { http: 429, resetSeconds: 12 } }],
  ['99991400 with HTTP 400', { rateLimit: { http: 400, resetSeconds: '7.5' } }],
  ['HTTP 429 without its header', { rateLimit: { resetSeconds: null } }],
  ['HTTP 429 without JSON', { raw: { http: 429, body: 'slow down', contentType: 'text/plain' } }],
  ['HTTP 429 with Retry-After', { rateLimit: { resetSeconds: null, retryAfter: '9' } }],
  ['HTTP 429 with an unknown code', { error: { code: 77777777, http: 429 } }],
  [
    '9499 that speaks of too many requests',
    { error: { code: 9499, http: 400, msg: 'too many requests' } },
  ],
] satisfies [string, Reply][])('%s is waited out', async ([name, refusal], { expect }) => {
  const ticket = `limit-${name.replaceAll(/\W+/g, '-')}`;
  const resource = await endOf(ticket, [...Array(15).fill(refusal), done]);

  expect(resource).toMatchObject({ status: 'succeeded', queries: 16 });
});

test.concurrent.for(
  reference.extra.map(({ code, applies_to, en, zh }) => [code, applies_to, en, zh] as const),
)('notice %s comes out as a warning', async ([code, type, en, zh], { expect }) => {
  const resource = await endOf(`notice-${code}`, [
    { result: { ...done.result, type, extra: [code] } },
  ]);

  expect(resource).toMatchObject({
    status: 'succeeded',
    complete: false,
    document: { type, token: 'Fm7o' },
    warnings: [{ code, applies_to: type, meaning: en, meaning_zh: zh }],
  });
});

/** What the catalogue promises of a name; its own test holds it against the contract. */
function expectedOf(name: string | undefined) {
  const { retryable, reimport } = errorCatalogue[name as keyof typeof errorCatalogue];
  return {
    name,
    retryable,
    reimport,
    message: expect.stringMatching(/\S.*\.$/),
    message_zh: expect.stringMatching(/。$/),
    advice: expect.any(String),
    advice_zh: expect.any(String),
    ticket: expect.any(String),
    queries: expect.any(Number),
    elapsed_seconds: expect.any(Number),
  };
}

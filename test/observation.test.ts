import { expect, test } from 'vitest';
import { failure } from '../functions/core/failure.ts';
import { type Decision, noMemory } from '../functions/core/import-decision.ts';
import { importNotice } from '../functions/core/import-notices.ts';
import { logEntry, metricLine, type Observation } from '../functions/observation.ts';
import { refusalAnswer } from './answers.ts';

const memory = { ...noMemory, queries: 4, jobStatus: 2, elapsedSeconds: 12.6, waitSeconds: 3 };
const document = { type: 'sheet', token: 'Fm7o', url: undefined };
const complete: Decision = { outcome: 'succeeded', document, warnings: [], memory };
const pending: Decision = { outcome: 'pending', memory };

const observation = (told: Partial<Observation> = {}): Observation => ({
  executionId: 'arn:execution:import:default_a_1',
  ticket: 'a',
  profile: 'default',
  answer: { kind: 'no_answer', reason: 'connect ECONNREFUSED' },
  decision: pending,
  waitedSeconds: 2,
  durationMs: 41.7,
  ...told,
});

const rateLimit = refusalAnswer({
  httpStatus: 429,
  code: 99991400,
  msg: 'slow down',
  logId: 'log-1',
  retryAfterSeconds: 5,
});

const counted = (told: Partial<Observation>) => {
  const line = metricLine(observation(told), 'FeishuImport/prod', 1000);
  return line === undefined ? undefined : JSON.parse(line);
};

test('logs who asked for what, what came of it, and how long it took', () => {
  expect(JSON.parse(JSON.stringify(logEntry(observation({ answer: rateLimit }))))).toEqual({
    message: 'query',
    execution_id: 'arn:execution:import:default_a_1',
    ticket: 'a',
    profile: 'default',
    query: 4,
    outcome: 'pending',
    job_status: 2,
    code: 99991400,
    http_status: 429,
    log_id: 'log-1',
    wait_seconds: 3,
    elapsed_seconds: 13,
    duration_ms: 42,
  });
});

test('logs the name of a failure, and why nobody answered', () => {
  const why = failure('Feishu.Unavailable', { en: '', zh: '' });

  expect(
    logEntry(observation({ decision: { outcome: 'failed', failure: why, memory } })),
  ).toMatchObject({
    outcome: 'failed',
    error: 'Feishu.Unavailable',
    reason: 'connect ECONNREFUSED',
  });
});

test.for([
  ['a complete import', complete, 'succeeded', 'none'],
  [
    'an import that was cut off',
    { ...complete, warnings: [importNotice('2000')] },
    'incomplete',
    'none',
  ],
  [
    'a failed import',
    { outcome: 'failed', failure: failure('Import.FileEncrypted', { en: '', zh: '' }), memory },
    'failed',
    'Import.FileEncrypted',
  ],
] as [string, Decision, string, string][])(
  'counts %s once, by its outcome and its error',
  ([, decision, outcome, error]) => {
    expect(counted({ decision })).toMatchObject({
      outcome,
      error,
      Imports: 1,
      QueriesPerImport: 4,
      SecondsToFinish: 13,
      Lag: 2,
    });
  },
);

test('counts a rate limit while an import is pending', () => {
  const metrics = counted({ answer: rateLimit });

  expect(metrics).toMatchObject({ outcome: 'pending', RateLimits: 1 });
  expect(metrics).not.toHaveProperty('Imports');
});

test('counts a rate limit that an import ends with too', () => {
  const why = failure('Import.TimedOut', { en: '', zh: '' });

  expect(
    counted({ answer: rateLimit, decision: { outcome: 'failed', failure: why, memory } }),
  ).toMatchObject({ error: 'Import.TimedOut', Imports: 1, RateLimits: 1 });
});

test('tells a step that asked nobody from a query', () => {
  expect(logEntry(observation({ answer: undefined }))).toMatchObject({ message: 'nothing asked' });
});

test('counts nothing while an import is pending', () => {
  expect(counted({ decision: pending })).toBeUndefined();
});

test('says what it counts in the format that CloudWatch reads, and names neither ticket nor profile', () => {
  const { _aws, ...values } = counted({ decision: complete });

  expect(_aws).toEqual({
    Timestamp: 1000,
    CloudWatchMetrics: [
      {
        Namespace: 'FeishuImport/prod',
        Dimensions: [['outcome'], ['outcome', 'error']],
        Metrics: [
          { Name: 'Imports', Unit: 'Count' },
          { Name: 'QueriesPerImport', Unit: 'Count' },
          { Name: 'SecondsToFinish', Unit: 'Seconds' },
          { Name: 'Lag', Unit: 'Seconds' },
        ],
      },
    ],
  });
  for (const { Name } of _aws.CloudWatchMetrics[0].Metrics)
    expect(values[Name]).toBeTypeOf('number');
  for (const dimension of _aws.CloudWatchMetrics[0].Dimensions.flat()) {
    expect(values[dimension]).toBeTypeOf('string');
  }
  expect(Object.keys(values)).not.toContain('ticket');
});

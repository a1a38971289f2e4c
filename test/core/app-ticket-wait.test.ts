import { expect, test } from 'vitest';
import type { Answer } from '../../functions/core/answer.ts';
import {
  type DecisionContext,
  decide,
  type Memory,
  noMemory,
} from '../../functions/core/import-decision.ts';
import { resultAnswer } from '../answers.ts';

const noTicket: Answer = {
  kind: 'no_app_ticket',
  reason: 'the app cli_store has no app_ticket yet',
  reasonZh: '应用 cli_store 尚无 app_ticket',
};
const processing = resultAnswer({ ticket: 'ticket', jobStatus: 2 });
const silence: Answer = { kind: 'no_answer', reason: 'other side closed' };

const context = (differing: Partial<DecisionContext> = {}): DecisionContext => ({
  ticket: 'ticket',
  elapsedSeconds: 10,
  timeoutSeconds: 3600,
  expectedSeconds: undefined,
  outageSeconds: 900,
  accessToken: 'tenant',
  jitter: 0.5,
  ...differing,
});

/** Asks as the state machine does, until the import ends. */
function runToEnd(answerAt: (seconds: number) => Answer, differing: Partial<DecisionContext> = {}) {
  let memory: Memory = noMemory;
  const waits: number[] = [];
  for (;;) {
    const elapsedSeconds = memory.elapsedSeconds + memory.waitSeconds;
    const decision = decide(
      answerAt(elapsedSeconds),
      memory,
      context({ ...differing, elapsedSeconds }),
    );
    memory = decision.memory;
    if (decision.outcome !== 'pending') return { decision, waits, elapsedSeconds };
    waits.push(memory.waitSeconds);
  }
}

test('an import without a ticket stays pending, and remembers since when', () => {
  const decision = decide(noTicket, noMemory, context());

  expect(decision).toMatchObject({
    outcome: 'pending',
    memory: { appTicketMissedAtSeconds: 10, waitSeconds: 2, queries: 1, jobStatus: -1 },
  });
});

test('waits for a ticket longer and longer, up to a minute', () => {
  const { waits } = runToEnd(() => noTicket);

  expect(waits).toEqual([2, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60, 60, 60, 56]);
});

test('without a ticket an import fails after ten minutes, and may be started again', () => {
  const { decision, elapsedSeconds } = runToEnd(() => noTicket);

  expect(elapsedSeconds).toBe(600);
  expect(decision).toMatchObject({
    outcome: 'failed',
    failure: {
      error: 'Feishu.AppTicketMissing',
      retryable: true,
      reimport: false,
      message: {
        en: 'No usable app_ticket came for 600 s: the app cli_store has no app_ticket yet.',
        zh: '600 秒内未收到可用的 app_ticket：应用 cli_store 尚无 app_ticket。',
      },
    },
  });
});

test.for([0, 0.25, 0.5, 0.75, 0.999])(
  'ten minutes without a ticket cost fewer than twenty queries (jitter %d)',
  (jitter) => {
    const { waits, elapsedSeconds } = runToEnd(() => noTicket, { jitter });

    expect(waits.length + 1).toBeLessThan(20);
    expect(elapsedSeconds).toBe(600);
  },
);

test.for([
  ['one second before', 599, 'pending'],
  ['at', 600, 'failed'],
] as const)('%s the end of ten minutes the import is decided', ([, waited, outcome]) => {
  const memory = { ...noMemory, appTicketMissedAtSeconds: 100 };

  expect(decide(noTicket, memory, context({ elapsedSeconds: 100 + waited })).outcome).toBe(outcome);
});

test('an import whose ticket does not come before its deadline fails for the ticket', () => {
  const { decision, elapsedSeconds } = runToEnd(() => noTicket, { timeoutSeconds: 100 });

  expect(elapsedSeconds).toBe(100);
  expect(decision).toMatchObject({ failure: { error: 'Feishu.AppTicketMissing' } });
});

test('once Feishu answers, a ticket that is missing later is waited for as long again', () => {
  const { elapsedSeconds } = runToEnd((seconds) => (seconds === 64 ? processing : noTicket));

  expect(elapsedSeconds).toBeGreaterThan(664);
});

test('silence does not make the wait for a ticket any longer', () => {
  const { decision, elapsedSeconds } = runToEnd((seconds) => (seconds === 64 ? silence : noTicket));

  expect(elapsedSeconds).toBe(600);
  expect(decision).toMatchObject({ failure: { error: 'Feishu.AppTicketMissing' } });
});

test('a missing ticket keeps the last status that Feishu told', () => {
  const { decision } = runToEnd((seconds) => (seconds === 0 ? processing : noTicket));

  expect(decision).toMatchObject({ failure: { jobStatus: 2 } });
});

const expired: Answer = {
  kind: 'authorisation_expired',
  reason: 'the refresh token was used',
  reasonZh: 'refresh token 已被使用',
};

test('an expired authorisation ends the import at once, and cannot be retried', () => {
  const decision = decide(expired, noMemory, context({ accessToken: 'user' }));

  expect(decision).toMatchObject({
    outcome: 'failed',
    failure: {
      error: 'Feishu.AuthorisationExpired',
      retryable: false,
      message: {
        en: 'A person must authorise the app again: the refresh token was used.',
        zh: '需要用户重新授权应用：refresh token 已被使用。',
      },
    },
  });
});

test('an expired authorisation is no query, and keeps the last status', () => {
  const memory = { ...noMemory, queries: 3, jobStatus: 1 };

  expect(decide(expired, memory, context())).toMatchObject({
    failure: { jobStatus: 1 },
    memory: { queries: 3, waitSeconds: 0 },
  });
});

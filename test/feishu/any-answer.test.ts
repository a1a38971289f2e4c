import fc from 'fast-check';
import { expect, test } from 'vitest';
import { queryResult } from '../../functions/contract/query-step.ts';
import { decide, type Memory, noMemory } from '../../functions/core/import-decision.ts';
import { readImportAnswer, readTokenAnswer } from '../../functions/feishu/answers.ts';
import { keepText } from '../../functions/feishu/kept-text.ts';
import documented from '../reference/import-codes.json' with { type: 'json' };

// From the bytes of an answer to what the state machine is told: any JSON, and any text that is none.

const ticket = '7369583175086912356';
const secret = 't-7f1bcd13fc57d46b9e8d7c6b';

const codes = [...documented.job_status, ...documented.api_errors].map(({ code }) => code);
const anyValue = fc.oneof(
  fc.constantFrom<unknown>(null, true, '', '0', 0, -0, 2, 1e21, secret, ticket, [], {}),
  fc.constantFrom(...codes),
  fc.jsonValue({ maxDepth: 2 }),
);
const record = (...keys: string[]) =>
  fc.dictionary(fc.constantFrom(...keys, '__proto__', 'constructor'), anyValue);
const result = record('ticket', 'type', 'job_status', 'job_error_msg', 'token', 'url', 'extra');
const envelope = fc
  .tuple(record('code', 'msg', 'log_id', 'error'), fc.oneof(result, anyValue), anyValue)
  .map(([fields, told, data]) => ({ code: 0, ...fields, data: { result: told }, other: data }));
const bodies = fc.oneof(
  envelope.map((body) => JSON.stringify(body)),
  fc.json(),
  fc.string({ unit: 'binary' }),
  envelope.map((body) => JSON.stringify(body).slice(0, 40)),
);
const answered = fc.record({
  kind: fc.constant('http' as const),
  httpStatus: fc.constantFrom(200, 204, 302, 400, 401, 403, 404, 429, 500, 503),
  headers: fc.dictionary(
    fc.constantFrom('x-ogw-ratelimit-reset', 'retry-after', 'x-tt-logid'),
    fc.oneof(fc.string(), fc.integer().map(String), fc.double().map(String), fc.constant(secret)),
  ),
  body: bodies,
});
const context = { keep: keepText(secret), nowMs: Date.UTC(2026, 2, 1) };
const now = {
  ...{ ticket, elapsedSeconds: 10, timeoutSeconds: 3600, expectedSeconds: undefined },
  ...{ outageSeconds: 900, accessToken: 'tenant' as const, jitter: 0.5 },
};

test('whatever comes, the state machine is told in a few kilobytes how to go on, and no secret', () => {
  fc.assert(
    fc.property(answered, (http) => {
      const decision = decide(readImportAnswer(http, context), noMemory, now);
      const text = JSON.stringify(
        queryResult(decision, { ticket, profile: 'default', onFailure: 'return' }),
      );

      expect(text.length).toBeLessThan(16_384);
      expect(text).not.toContain(secret.slice(0, 12));
      if (decision.outcome === 'pending') expect(text.length).toBeLessThan(4096);
    }),
    { numRuns: 300 },
  );
});

test('whatever comes for a token, there is one or a reason why not', () => {
  fc.assert(
    fc.property(answered, (http) => {
      const read = readTokenAnswer(http, 'tenant_access_token', context);

      if (read.kind === 'token') return expect(read.token).not.toBe('');
      expect(['pending', 'failed']).toContain(decide(read, noMemory, now).outcome);
    }),
    { numRuns: 300 },
  );
});

test('whatever comes one after the other, no counter goes backwards while an import is pending', () => {
  fc.assert(
    fc.property(fc.array(answered, { maxLength: 20 }), (all) => {
      let memory: Memory = noMemory;
      for (const http of all) {
        const elapsedSeconds = memory.elapsedSeconds + memory.waitSeconds;
        const answer = readImportAnswer(http, context);
        const next = decide(answer, memory, { ...now, elapsedSeconds }).memory;

        expect(next.queries).toBe(memory.queries + 1);
        expect(next.elapsedSeconds).toBeGreaterThanOrEqual(memory.elapsedSeconds);
        memory = next;
      }
    }),
  );
});

import { expect, test } from 'vitest';
import type { NoAnswer } from '../../functions/core/answer.ts';
import type { IssuedToken } from '../../functions/feishu/answers.ts';
import { type NoToken, tokenProvider } from '../../functions/feishu/token-provider.ts';
import { refusalAnswer } from '../answers.ts';

const refusal = refusalAnswer({ asked: 'token', httpStatus: 200, code: 10014 });
const noAnswer: NoAnswer = { kind: 'no_answer', reason: 'other side closed' };

type TokenAnswer = IssuedToken | NoToken;

const issued = (token: string, lifeSeconds = 7200): IssuedToken => ({
  kind: 'token',
  token,
  lifeSeconds,
});

/** A provider whose requests for a token are answered one by one, by hand. */
function startProvider() {
  let now = 0;
  const deadlines: number[] = [];
  const waiting: PromiseWithResolvers<TokenAnswer>[] = [];
  const evicted: IssuedToken[] = [];
  const tokens = tokenProvider({
    now: () => now,
    onEvict: (token) => void evicted.push(token),
    issue(deadline) {
      deadlines.push(deadline);
      const request = Promise.withResolvers<TokenAnswer>();
      waiting.push(request);
      return request.promise;
    },
  });

  return {
    tokens,
    deadlines,
    evicted,
    /** Asks for a token, and answers the request that this gives rise to, if any. */
    ask(answer: TokenAnswer) {
      const asked = tokens.token(1000);
      waiting.shift()?.resolve(answer);
      return asked;
    },
    answer: (answer: TokenAnswer) => waiting.shift()?.resolve(answer),
    fail: (error: Error) => waiting.shift()?.reject(error),
    advanceSeconds(seconds: number) {
      now += seconds * 1000;
    },
  };
}

test('shares one request between concurrent callers', async () => {
  const { tokens, deadlines, answer } = startProvider();

  const asked = [tokens.token(1000), tokens.token(2000), tokens.token(3000)];
  answer(issued('t-1'));

  expect(await Promise.all(asked)).toEqual([issued('t-1'), issued('t-1'), issued('t-1')]);
  expect(deadlines).toEqual([1000]);
});

test('asks for no other token until the first has 30 minutes left', async () => {
  const { deadlines, ask, advanceSeconds } = startProvider();
  await ask(issued('t-1'));

  advanceSeconds(7200 - 1800 - 0.001);

  expect(await ask(issued('t-2'))).toEqual(issued('t-1'));
  expect(deadlines).toHaveLength(1);
});

test('asks for another token once the first has 30 minutes left', async () => {
  const { ask, advanceSeconds } = startProvider();
  await ask(issued('t-1'));

  advanceSeconds(7200 - 1800);

  expect(await ask(issued('t-2'))).toEqual(issued('t-2'));
});

test('counts the life of a token from when it was asked for', async () => {
  const { tokens, ask, answer, advanceSeconds } = startProvider();
  const asked = tokens.token(1000);
  advanceSeconds(8);
  answer(issued('t-1'));
  await asked;

  advanceSeconds(7200 - 1800 - 8);

  expect(await ask(issued('t-2'))).toEqual(issued('t-2'));
});

test.for([1800, 1799, 5, 0])('uses a token of %d s once and does not keep it', async (life) => {
  const { ask } = startProvider();

  expect(await ask(issued('t-1', life))).toEqual(issued('t-1', life));
  expect(await ask(issued('t-2', life))).toEqual(issued('t-2', life));
});

test.for([
  ['refusal', refusal],
  ['missing answer', noAnswer],
] as const)('shares a %s between concurrent callers', async ([, answer]) => {
  const provider = startProvider();

  const asked = [provider.tokens.token(1000), provider.tokens.token(1000)];
  provider.answer(answer);

  expect(await Promise.all(asked)).toEqual([answer, answer]);
  expect(provider.deadlines).toHaveLength(1);
});

test.for([
  ['refusal', refusal],
  ['missing answer', noAnswer],
] as const)('asks again after a %s', async ([, answer]) => {
  const { ask } = startProvider();
  await ask(answer);

  expect(await ask(issued('t-1'))).toEqual(issued('t-1'));
});

test('asks again after a request that broke', async () => {
  const { tokens, ask, fail } = startProvider();
  const broken = tokens.token(1000);
  fail(new Error('broken'));
  await expect(broken).rejects.toThrow('broken');

  expect(await ask(issued('t-1'))).toEqual(issued('t-1'));
});

test('asks for another token when the one at hand is evicted', async () => {
  const { tokens, ask } = startProvider();
  const first = issued('t-1');
  await ask(first);

  tokens.evict(first);

  expect(await ask(issued('t-2'))).toEqual(issued('t-2'));
});

test('does not throw away a newer token when an older one is evicted', async () => {
  const { tokens, ask, deadlines } = startProvider();
  const first = issued('t-1');
  await ask(first);
  tokens.evict(first);
  await ask(issued('t-2'));

  tokens.evict(first);

  expect(await ask(issued('t-3'))).toEqual(issued('t-2'));
  expect(deadlines).toHaveLength(2);
});

test('keeps a token that Feishu gave a second time, however often the first is evicted', async () => {
  const { tokens, ask, deadlines } = startProvider();
  const first = issued('t-1');
  await ask(first);
  tokens.evict(first);
  await ask(issued('t-1'));

  tokens.evict(first);

  await ask(issued('t-2'));
  expect(deadlines).toHaveLength(2);
});

test('shares the renewal that is under way when the old token is evicted again', async () => {
  const { tokens, ask, answer, deadlines } = startProvider();
  const first = issued('t-1');
  await ask(first);
  tokens.evict(first);
  const one = tokens.token(1000);

  tokens.evict(first);
  const other = tokens.token(1000);
  answer(issued('t-2'));

  expect([await one, await other]).toEqual([issued('t-2'), issued('t-2')]);
  expect(deadlines).toHaveLength(2);
});

test('evicts nothing before there is a token', async () => {
  const { tokens, ask } = startProvider();

  tokens.evict(issued('t-1'));

  expect(await ask(issued('t-1'))).toEqual(issued('t-1'));
});

test('tells once that a token was evicted, whoever else does so', async () => {
  const { tokens, ask, evicted } = startProvider();
  const first = issued('t-1');
  await ask(first);

  tokens.evict(first);
  tokens.evict(first);

  expect(evicted).toEqual([first]);
});

import { expect, test } from 'vitest';
import { cachedSecrets } from '../../functions/credentials/cached-secrets.ts';
import type { ReadSecret } from '../../functions/credentials/secret-store.ts';

type Read = Awaited<ReturnType<ReadSecret>>;

const secret = (text: string): Read => ({ kind: 'secret', text });

/** Secrets whose reads are answered one by one, by hand. */
function startCache() {
  let now = 0;
  const asked: [name: string, deadline: number][] = [];
  const waiting: PromiseWithResolvers<Read>[] = [];
  const secrets = cachedSecrets(
    (name, deadline) => {
      asked.push([name, deadline]);
      const read = Promise.withResolvers<Read>();
      waiting.push(read);
      return read.promise;
    },
    () => now,
  );
  return {
    secrets,
    asked,
    waiting,
    /** Asks for a secret, and answers the read that this gives rise to, if any. */
    read(answer: Read) {
      const read = secrets.read('a', 1000);
      waiting.shift()?.resolve(answer);
      return read;
    },
    advanceMs(milliseconds: number) {
      now += milliseconds;
    },
  };
}

test('reads a secret once for all who wait for it', async () => {
  const { secrets, asked, waiting } = startCache();

  const reads = [secrets.read('a', 1000), secrets.read('a', 2000)];
  waiting[0]?.resolve(secret('1'));

  expect(await Promise.all(reads)).toEqual([secret('1'), secret('1')]);
  expect(asked).toEqual([['a', 1000]]);
});

test('keeps secrets of different names apart', async () => {
  const { secrets, asked, waiting } = startCache();

  const reads = [secrets.read('a', 1000), secrets.read('b', 1000)];
  waiting[1]?.resolve(secret('of b'));
  waiting[0]?.resolve(secret('of a'));

  expect(await Promise.all(reads)).toEqual([secret('of a'), secret('of b')]);
  expect(asked.map(([name]) => name)).toEqual(['a', 'b']);
});

test.for([
  ['just under five minutes', 5 * 60_000 - 1, '1'],
  ['five minutes', 5 * 60_000, '2'],
] as const)('tells after %s what it knows', async ([, milliseconds, text]) => {
  const { read, advanceMs } = startCache();
  await read(secret('1'));

  advanceMs(milliseconds);

  expect(await read(secret('2'))).toEqual(secret(text));
});

test('reads a secret again that was dropped, and no other', async () => {
  const { secrets, read, waiting, asked } = startCache();
  await read(secret('1'));
  const other = secrets.read('b', 1000);
  waiting.shift()?.resolve(secret('of b'));
  await other;

  secrets.drop('a');

  expect(await read(secret('2'))).toEqual(secret('2'));
  expect(await secrets.read('b', 1000)).toEqual(secret('of b'));
  expect(asked.map(([name]) => name)).toEqual(['a', 'b', 'a']);
});

test.for<Read>([
  { kind: 'no_profile', reason: 'the secret a does not exist' },
  { kind: 'no_answer', reason: 'the secret a could not be read' },
])('does not keep that $reason', async (fault) => {
  const { read } = startCache();

  expect(await read(fault)).toEqual(fault);
  expect(await read(secret('2'))).toEqual(secret('2'));
});

test('does not keep that a read broke', async () => {
  const { secrets, read, waiting } = startCache();
  const broken = secrets.read('a', 1000);
  waiting.shift()?.reject(new Error('broken'));
  await expect(broken).rejects.toThrow('broken');

  expect(await read(secret('2'))).toEqual(secret('2'));
});

test.for<[string, (read: PromiseWithResolvers<Read>) => void]>([
  ['succeeds', ({ resolve }) => resolve(secret('old'))],
  ['finds nothing', ({ resolve }) => resolve({ kind: 'no_profile', reason: 'gone' })],
  ['breaks', ({ reject }) => reject(new Error('broken'))],
])('a read that %s late, after a drop, does not replace what was read since', async ([, end]) => {
  const { secrets, read, waiting, asked } = startCache();
  const late = secrets.read('a', 1000).catch(() => {});
  const lateRead = waiting.shift() as PromiseWithResolvers<Read>;
  secrets.drop('a');
  await read(secret('new'));

  end(lateRead);
  await late;

  expect(await secrets.read('a', 1000)).toEqual(secret('new'));
  expect(asked).toHaveLength(2);
});

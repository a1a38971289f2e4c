import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEventQueue } from './event-queue.ts';

test('what is due first comes out first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (seconds) => {
      const queue = createEventQueue<number>();
      for (const [index, second] of seconds.entries()) queue.add(second, index);

      const taken = seconds.map(() => queue.take()?.seconds);

      expect(taken).toEqual(seconds.toSorted((one, other) => one - other));
      expect(queue.take()).toBeUndefined();
    }),
  );
});

test('what is added between two takes waits its turn', () => {
  const queue = createEventQueue<string>();
  queue.add(5, 'late');
  queue.add(1, 'early');
  const first = queue.take();
  queue.add(3, 'between');

  expect([first, queue.take(), queue.take()].map((due) => due?.event)).toEqual([
    'early',
    'between',
    'late',
  ]);
});

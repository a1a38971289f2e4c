import { expect, test } from 'vitest';
import { createFeishu } from './feishu.ts';
import { delayAfter, type PeerSchedule, peer, peerSchedules, tirelessPeer } from './peers.ts';
import { runAlone } from './simulation.ts';

function scheduleOf(id: string): PeerSchedule {
  const schedule = peerSchedules.find((one) => one.id === id);
  if (!schedule) throw new Error(`there is no peer ${id}`);
  return schedule;
}

function run(id: string, durationSeconds: number, feishu = createFeishu()) {
  const one = { name: 'a', startSeconds: 0, durationSeconds, weight: 1 };
  const [course] = runAlone(peer(scheduleOf(id)), [one], feishu);
  return course;
}

test('there are twenty', () => {
  expect(peerSchedules.map(({ id }) => id)).toEqual(
    Array.from({ length: 20 }, (_, index) => `P${index + 1}`),
  );
});

// worked out by hand
test.for([
  ['P1', 3, 3, 1],
  ['P1', 30, 16, 0],
  ['P2', 10, 11, 0],
  ['P4', 60, 31, 0],
  ['P5', 10, 8, 1],
  ['P6', 10, 4, 2],
  ['P7', 3, 3, 0.45],
  ['P8', 3, 2, 1],
  ['P8', 60, 13, 5],
  ['P10', 3, 1, 7],
  ['P11', 30, 7, 0],
  ['P14', 300, 7, 30],
  ['P15', 10, 6, 0],
  ['P16', 3, 9, 0.2],
  ['P17', 3, 4, 1.06],
  ['P18', 30, 2, 30],
  ['P20', 10, 3, 0],
] as const)(
  '%s sees an import of %i s with %i queries, %d s late',
  ([id, seconds, queries, lag]) => {
    const course = run(id, seconds);

    expect(course).toMatchObject({ end: 'found', queries });
    expect(Math.abs((course?.lagSeconds ?? Number.NaN) - lag)).toBeLessThan(0.06);
  },
);

test.for([
  ['P1', 60, 30],
  ['P2', 60, 60],
  ['P3', 10, 5],
  ['P6', 30, 6],
  ['P8', 300, 30],
  ['P9', 120, 120],
  ['P14', 1800, 11],
] as const)('%s gives up on an import of %i s after %i queries', ([id, seconds, queries]) => {
  expect(run(id, seconds)).toMatchObject({ end: 'gave_up', queries });
});

test('P5 tells an import that is still running when its time is up as done', () => {
  expect(run('P5', 20)).toMatchObject({ end: 'misreported', endSeconds: 13 });
});

test.for([
  [1, 2, 2],
  [2, 2, 4],
  [6, 2, 64],
  [7, 120, 120],
] as const)('P12 waits from %i polls on between %i and %i s', ([polls, shortest, longest]) => {
  const schedule = scheduleOf('P12');

  expect([0, 1].map((random) => delayAfter(schedule, polls, () => random))).toEqual([
    shortest,
    longest,
  ]);
});

test('P13 waits whole seconds, one at least', () => {
  expect([0, 0.5, 1].map((random) => delayAfter(scheduleOf('P13'), 3, () => random))).toEqual([
    1, 6, 11,
  ]);
});

const limited = () => {
  const feishu = createFeishu({ limited: true });
  for (let call = 0; call < 50; call++) feishu.answer(0, 0);
  return feishu;
};

test.for([
  ['P2', 'gave_up', 0],
  ['P1', 'found', 2],
  ['P15', 'found', 1],
  ['P20', 'found', 60],
] as const)('%s, refused at once, %s after %i s', ([id, end, endSeconds]) => {
  expect(run(id, 0.5, limited())).toMatchObject({ end, endSeconds });
});

test.for([
  ['P1', 'found'],
  ['P3', 'misreported'],
  ['P4', 'misreported'],
] as const)('%s, told of an end without a document, ends as %s', ([id, end]) => {
  expect(run(id, 3, createFeishu({ tokenDelaySeconds: 3 }))?.end).toBe(end);
});

test('a tireless peer asks on', () => {
  const one = { name: 'a', startSeconds: 0, durationSeconds: 3600, weight: 1 };
  const [course] = runAlone(tirelessPeer(scheduleOf('P3')), [one], createFeishu());

  expect(course).toMatchObject({ end: 'found', queries: 3601 });
});

import { expect, test } from 'vitest';
import type { Contender } from './contender.ts';
import { createFeishu } from './feishu.ts';
import { figuresOf } from './figures.ts';
import { ours } from './ours.ts';
import { runAlone, runTogether } from './simulation.ts';
import { evenDurations, workloadNamed } from './workloads.ts';

/** Asks every ten seconds, whatever it is told. */
const everyTenSeconds: Contender = {
  id: 'ten',
  name: 'every ten seconds',
  waitFor: () => ({
    firstWaitSeconds: 10,
    next: ({ kind }) => (kind === 'done' ? { kind: 'found' } : { kind: 'wait', seconds: 10 }),
  }),
  transitions: (queries) => 3 * queries,
};

const imports = (durations: number[], startSeconds = 0) =>
  durations.map((durationSeconds, index) => ({
    name: `import ${index}`,
    startSeconds,
    durationSeconds,
    weight: 1,
  }));

test('tells what became of each import', () => {
  expect(runAlone(everyTenSeconds, imports([25], 100), createFeishu())).toEqual([
    {
      end: 'found',
      durationSeconds: 25,
      weight: 1,
      endSeconds: 130,
      lagSeconds: 5,
      queries: 3,
      refused: 0,
    },
  ]);
});

test('counts what they cost', () => {
  const durations = [1, 2, 3, 4, 20, 20, 20, 20, 20, 40];
  const courses = runAlone(everyTenSeconds, imports(durations), createFeishu());

  const figures = figuresOf(courses, everyTenSeconds);

  expect(figures).toMatchObject({
    // four of 1, five of 2, one of 4
    queries: 1.8,
    // 9, 8, 7, 6, and none
    lagSeconds: 3,
    medianLagSeconds: 0,
    p95LagSeconds: 9,
    lagShare: 0.2,
    transitions: 5400,
    refusedShare: 0,
    gaveUpShare: 0,
    misreportedShare: 0,
  });
  // $25 a million transitions, and Lambda
  expect(figures.dollars).toBeCloseTo(0.1372, 3);
});

test('imports together do as each alone where nothing limits them', () => {
  const some = imports(evenDurations(workloadNamed('mixed'), 200));
  const byName = (courses: ReturnType<typeof runAlone>) =>
    courses.toSorted((one, other) => one.durationSeconds - other.durationSeconds);

  const together = runTogether(ours(), some, createFeishu());

  expect(byName(together)).toEqual(byName(runAlone(ours(), some, createFeishu())));
});

test('imports together share the limits', () => {
  const courses = runTogether(
    everyTenSeconds,
    imports(Array(120).fill(1)),
    createFeishu({ limited: true }),
  );

  expect(Object.groupBy(courses, ({ endSeconds }) => String(endSeconds))).toMatchObject({
    10: { length: 50 },
    20: { length: 50 },
    30: { length: 20 },
  });
  expect(figuresOf(courses, everyTenSeconds).refusedShare).toBeCloseTo(90 / 210);
});

test('every run is the same', () => {
  const some = imports(evenDurations(workloadNamed('large'), 100));
  const run = () => runTogether(ours(), some, createFeishu({ limited: true }));

  expect(run()).toEqual(run());
});

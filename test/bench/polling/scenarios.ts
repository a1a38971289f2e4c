import { jitter } from '../../../functions/core/jitter.ts';
import type { Contender } from './contender.ts';
import { createFeishu } from './feishu.ts';
import { costOf, type Figures, figuresOf } from './figures.ts';
import { figuresAlone } from './score.ts';
import { type Course, type Import, runAlone, runTogether } from './simulation.ts';
import { evenDurations, type Workload, workloadNamed } from './workloads.ts';

/** A number from 0 up to 1, the same in every run. */
const random = (...place: (string | number)[]) => jitter(`polling ${place.join(' ')}`);

const createsPerMinute = 100;
const minutes = 30;

/** As many creates a minute as Feishu allows, at random moments of each, for half an hour. */
export function importsAtTheCreateLimit(workload: Workload): Import[] {
  return shuffledDurations(workload, createsPerMinute * minutes).map((durationSeconds, index) => ({
    name: `limit ${workload.name} ${index}`,
    startSeconds: 60 * (Math.floor(index / createsPerMinute) + random('start', index)),
    durationSeconds,
    weight: 1,
  }));
}

export type UnderLoad = Figures & {
  /** The cost over that of the same imports with Feishu to themselves. */
  costAgainstAlone: number;
};

export function atTheCreateLimit(contender: Contender, workload: Workload): UnderLoad {
  return underLoad(contender, importsAtTheCreateLimit(workload));
}

/** As many, but those of a minute all at its beginning, as a nightly batch does it. */
export function inBatches(contender: Contender): UnderLoad {
  const imports = importsAtTheCreateLimit(workloadNamed('mixed')).map((one) => ({
    ...one,
    startSeconds: 60 * Math.floor(one.startSeconds / 60),
  }));
  return underLoad(contender, imports);
}

/** Feishu answers nothing but 503 for two minutes, ten minutes after the start. */
export function throughAnOutage(contender: Contender): UnderLoad {
  const outage = { fromSeconds: 600, toSeconds: 720 };
  return underLoad(contender, importsAtTheCreateLimit(workloadNamed('mixed')), outage);
}

function underLoad(
  contender: Contender,
  imports: Import[],
  outage?: { fromSeconds: number; toSeconds: number },
): UnderLoad {
  const conditions = { limited: true, ...(outage && { outage }) };
  const together = figuresOf(runTogether(contender, imports, createFeishu(conditions)), contender);
  const alone = figuresOf(runAlone(contender, imports, createFeishu()), contender);
  return { ...together, costAgainstAlone: costOf(together) / costOf(alone) };
}

/** The document comes three seconds after `job_status` 0. */
export function withLateTokens(contender: Contender): Figures {
  return figuresAlone(contender, workloadNamed('mixed'), { tokenDelaySeconds: 3 });
}

export type Burst = Figures & {
  /** How often an import that was refused is refused again, on average. */
  refusedAgain: number;
  /** From the start until the last import was seen to be done … */
  lastSeenSeconds: number;
  /** … and how long it takes whoever knows when each is done, and asks once, 1,000 times a minute. */
  leastSeconds: number;
  /** How long the queries that Feishu answered take at 1,000 a minute … */
  queriesAllowedSeconds: number;
  /** … and until the last import was seen of those that Feishu had finished by then. */
  lastOfThoseSeconds: number;
};

export function burst(contender: Contender, imports = importsAtOnce(2000)): Burst {
  const courses = runTogether(contender, imports, createFeishu({ limited: true }));
  const found = courses.filter(({ end }) => end === 'found');
  const refused = courses.filter((course) => course.refused > 0);
  const answered = sum(courses, (course) => course.queries - course.refused);
  const queriesAllowedSeconds = (answered / 1000) * 60;
  return {
    ...figuresOf(courses, contender),
    refusedAgain: refused.length
      ? sum(refused, (course) => course.refused - 1) / refused.length
      : 0,
    lastSeenSeconds: lastSeen(found),
    leastSeconds: leastSeconds(imports),
    queriesAllowedSeconds,
    lastOfThoseSeconds: lastSeen(
      found.filter(({ durationSeconds }) => durationSeconds <= queriesAllowedSeconds),
    ),
  };
}

export function importsAtOnce(count: number): Import[] {
  return shuffledDurations(workloadNamed('mixed'), count).map((durationSeconds, index) => ({
    name: `burst ${index}`,
    startSeconds: 0,
    durationSeconds,
    weight: 1,
  }));
}

/** Each import is asked about once, when it is done or as soon after as the limits allow. */
function leastSeconds(imports: Import[]): number {
  const feishu = createFeishu({ limited: true });
  let seconds = 0;
  for (const { durationSeconds } of imports.toSorted(
    (one, other) => one.durationSeconds - other.durationSeconds,
  )) {
    seconds = Math.max(seconds, durationSeconds);
    while (feishu.answer(seconds, 0).kind === 'rate_limit') seconds += 0.1;
  }
  return seconds;
}

function shuffledDurations(workload: Workload, count: number): number[] {
  return evenDurations(workload, count)
    .map((durationSeconds, index) => ({ durationSeconds, place: random('place', count, index) }))
    .sort((one, other) => one.place - other.place)
    .map(({ durationSeconds }) => durationSeconds);
}

function lastSeen(courses: Course[]): number {
  return courses.reduce((last, { endSeconds }) => Math.max(last, endSeconds), 0);
}

function sum(courses: Course[], valued: (course: Course) => number): number {
  return courses.reduce((total, course) => total + valued(course), 0);
}

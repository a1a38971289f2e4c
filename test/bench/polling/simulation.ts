import type { Asker, Contender, Told } from './contender.ts';
import { createEventQueue } from './event-queue.ts';
import type { Feishu } from './feishu.ts';

/** An import that Feishu works on: when its ticket is handed over, and for how long. */
export type Import = {
  name: string;
  startSeconds: number;
  durationSeconds: number;
  /** How many imports it stands for. */
  weight: number;
};

/** What became of an import. */
export type Course = {
  end: 'found' | 'gave_up' | 'misreported';
  durationSeconds: number;
  weight: number;
  /** When it ended, on the simulation's clock. */
  endSeconds: number;
  /** Between Feishu being done and us knowing. */
  lagSeconds: number;
  /** Every call, the refused ones too. */
  queries: number;
  refused: number;
};

/** No import may run longer; whoever asks on after a week asks for ever. */
const longestSeconds = 7 * 86_400;

type Running = { one: Import; asker: Asker; queries: number; refused: number };

/** Imports that share an app's limits, in virtual time: next is always the query that is due first. */
export function runTogether(contender: Contender, imports: Import[], feishu: Feishu): Course[] {
  const courses: Course[] = [];
  const queue = createEventQueue<Running>();
  for (const one of imports) {
    const running = startRun(contender, one);
    queue.add(one.startSeconds + running.asker.firstWaitSeconds, running);
  }
  for (let due = queue.take(); due; due = queue.take()) {
    const { seconds, event } = due;
    const step = query(event, seconds, feishu);
    if ('course' in step) courses.push(step.course);
    else queue.add(step.nextSeconds, event);
  }
  return courses;
}

/** Imports of which each has Feishu to itself. */
export function runAlone(contender: Contender, imports: Import[], feishu: Feishu): Course[] {
  return imports.map((one) => {
    const running = startRun(contender, one);
    let seconds = one.startSeconds + running.asker.firstWaitSeconds;
    for (;;) {
      const step = query(running, seconds, feishu);
      if ('course' in step) return step.course;
      seconds = step.nextSeconds;
    }
  });
}

function startRun(contender: Contender, one: Import): Running {
  return { one, asker: contender.waitFor(one.name), queries: 0, refused: 0 };
}

function query(running: Running, seconds: number, feishu: Feishu) {
  const { one, asker } = running;
  const elapsedSeconds = seconds - one.startSeconds;
  const told: Told = feishu.answer(seconds, elapsedSeconds - one.durationSeconds);
  running.queries += 1;
  if (told.kind === 'rate_limit') running.refused += 1;

  const next = asker.next(told, elapsedSeconds);
  if (next.kind === 'wait' && elapsedSeconds < longestSeconds) {
    return { nextSeconds: seconds + next.seconds };
  }
  const course: Course = {
    end: next.kind === 'wait' ? 'gave_up' : next.kind,
    durationSeconds: one.durationSeconds,
    weight: one.weight,
    endSeconds: seconds,
    lagSeconds: elapsedSeconds - one.durationSeconds,
    queries: running.queries,
    refused: running.refused,
  };
  return { course };
}

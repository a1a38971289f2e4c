import { dollarsOf } from '../../../infra/import-costs.ts';
import { secondsPerQuery } from './clairvoyant.ts';
import type { Contender } from './contender.ts';
import type { Course } from './simulation.ts';

/** What imports cost and how quickly they were known, on average. Lags are of those that were found done. */
export type Figures = {
  queries: number;
  lagSeconds: number;
  medianLagSeconds: number;
  p95LagSeconds: number;
  /** The lag as a share of the duration. */
  lagShare: number;
  /** Of a thousand imports. */
  transitions: number;
  dollars: number;
  refusedShare: number;
  gaveUpShare: number;
  misreportedShare: number;
};

export function figuresOf(courses: Course[], contender: Contender): Figures {
  const found = courses.filter(({ end }) => end === 'found');
  const queries = mean(courses, (course) => course.queries);
  const transitions = 1000 * mean(courses, (course) => contender.transitions(course.queries));
  return {
    queries,
    lagSeconds: mean(found, ({ lagSeconds }) => lagSeconds),
    medianLagSeconds: percentile(found, 0.5),
    p95LagSeconds: percentile(found, 0.95),
    lagShare:
      mean(found, ({ lagSeconds }) => lagSeconds) /
      mean(found, ({ durationSeconds }) => durationSeconds),
    transitions,
    dollars: dollarsOf({ transitions, queries: 1000 * queries }).dollars,
    refusedShare: mean(courses, ({ refused }) => refused) / queries,
    gaveUpShare: mean(courses, ({ end }) => Number(end === 'gave_up')),
    misreportedShare: mean(courses, ({ end }) => Number(end === 'misreported')),
  };
}

/** The yardstick. */
export function costOf({ lagSeconds, queries }: Pick<Figures, 'lagSeconds' | 'queries'>): number {
  return lagSeconds + secondsPerQuery * queries;
}

export function geometricMean(numbers: number[]): number {
  return Math.exp(numbers.reduce((sum, number) => sum + Math.log(number), 0) / numbers.length);
}

export function mean(courses: Course[], valued: (course: Course) => number): number {
  let [sum, weights] = [0, 0];
  for (const course of courses) {
    sum += course.weight * valued(course);
    weights += course.weight;
  }
  return sum / weights;
}

function percentile(courses: Course[], share: number): number {
  const sorted = courses.toSorted((one, other) => one.lagSeconds - other.lagSeconds);
  let left = share * sorted.reduce((sum, { weight }) => sum + weight, 0);
  for (const { lagSeconds, weight } of sorted) {
    left -= weight;
    if (left <= 0) return lagSeconds;
  }
  return Number.NaN;
}

/** Durations of imports: log-normal, since a few take very much longer than most. */
export type Workload = {
  name: string;
  medianSeconds: number;
  sigma: number;
  /** Whether the score counts it. */
  scored: boolean;
};

export const workloads: Workload[] = [
  { name: 'small', medianSeconds: 2.5, sigma: 0.6, scored: true },
  { name: 'mixed', medianSeconds: 9, sigma: 1.1, scored: true },
  { name: 'large', medianSeconds: 90, sigma: 0.9, scored: true },
  { name: 'tiny', medianSeconds: 1, sigma: 0.7, scored: true },
  { name: 'heavy tail', medianSeconds: 20, sigma: 1.6, scored: true },
  { name: 'huge', medianSeconds: 400, sigma: 0.8, scored: true },
  // an hour; and narrow ones, on which whoever knows the duration gains without limit
  { name: 'an hour', medianSeconds: 3600, sigma: 0.6, scored: false },
  { name: 'huge, narrower', medianSeconds: 400, sigma: 0.5, scored: false },
  { name: 'narrow', medianSeconds: 30, sigma: 0.2, scored: false },
  { name: 'very narrow', medianSeconds: 120, sigma: 0.05, scored: false },
];

export const scoredWorkloads = workloads.filter(({ scored }) => scored);

export function workloadNamed(wanted: string): Workload {
  const workload = workloads.find(({ name }) => name === wanted);
  if (!workload) throw new Error(`there is no workload "${wanted}"`);
  return workload;
}

/** The share of imports that are done by then. */
export function shareDone({ medianSeconds, sigma }: Workload): (seconds: number) => number {
  return (seconds) =>
    seconds <= 0 ? 0 : standardNormal(Math.log(seconds / medianSeconds) / sigma);
}

/**
 * Durations that stand for all, each with the share of imports that it stands for: evenly spaced in the
 * logarithm, out to where one import in a million is, so that the tail counts for what it costs.
 */
export function weightedDurations(
  { medianSeconds, sigma }: Workload,
  count: number,
): { durationSeconds: number; weight: number }[] {
  const end = 5;
  const step = (2 * end) / count;
  return Array.from({ length: count }, (_, index) => {
    const z = -end + index * step;
    return {
      durationSeconds: medianSeconds * Math.exp(sigma * (z + step / 2)),
      weight: standardNormal(z + step) - standardNormal(z),
    };
  });
}

/** So many durations that each stand for as many imports: one from the middle of each equal part. */
export function evenDurations({ medianSeconds, sigma }: Workload, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    return medianSeconds * Math.exp(sigma * standardQuantile((index + 0.5) / count));
  });
}

/** Abramowitz and Stegun, 7.1.26: right to some seven digits. */
function standardNormal(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const tail =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) *
    Math.exp(-x * x);
  return z < 0 ? tail / 2 : 1 - tail / 2;
}

function standardQuantile(share: number): number {
  let low = -8;
  let high = 8;
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (standardNormal(middle) < share) low = middle;
    else high = middle;
  }
  return low;
}

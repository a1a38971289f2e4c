import { type Bound, clairvoyantBound } from './clairvoyant.ts';
import type { Contender } from './contender.ts';
import { createFeishu } from './feishu.ts';
import { costOf, type Figures, figuresOf, geometricMean } from './figures.ts';
import { runAlone } from './simulation.ts';
import { scoredWorkloads, shareDone, type Workload, weightedDurations } from './workloads.ts';

export type Score = {
  /** The cost over the bound's, by workload. */
  ratios: Record<string, number>;
  /** What counts: nobody knows which workload a ticket comes from. */
  worst: number;
  geometricMean: number;
};

/** Each import has Feishu to itself. */
export function figuresAlone(
  contender: Contender,
  workload: Workload,
  { count = 2000, tokenDelaySeconds = 0 } = {},
): Figures {
  const imports = weightedDurations(workload, count).map(({ durationSeconds, weight }, index) => ({
    name: `${workload.name} ${index}`,
    startSeconds: 0,
    durationSeconds: durationSeconds + tokenDelaySeconds,
    weight,
  }));
  return figuresOf(runAlone(contender, imports, createFeishu({ tokenDelaySeconds })), contender);
}

/** Against the bound, on the workloads that count. A contender may differ from one to the next. */
export function score(contenderFor: (workload: Workload) => Contender, count?: number): Score {
  const ratios = Object.fromEntries(
    scoredWorkloads.map((workload) => {
      const figures = figuresAlone(contenderFor(workload), workload, { count });
      return [workload.name, costOf(figures) / boundOf(workload).cost];
    }),
  );
  const values = Object.values(ratios);
  return { ratios, worst: Math.max(...values), geometricMean: geometricMean(values) };
}

const bounds = new Map<string, Bound>();

export function boundOf(workload: Workload): Bound {
  const bound = bounds.get(workload.name) ?? clairvoyantBound(shareDone(workload));
  bounds.set(workload.name, bound);
  return bound;
}

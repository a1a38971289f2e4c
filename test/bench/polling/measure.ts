import type { Bound } from './clairvoyant.ts';
import type { Contender } from './contender.ts';
import type { Figures } from './figures.ts';
import { ours } from './ours.ts';
import { peer, peerSchedules, tirelessPeer } from './peers.ts';
import {
  atTheCreateLimit,
  type Burst,
  burst,
  inBatches,
  throughAnOutage,
  type UnderLoad,
  withLateTokens,
} from './scenarios.ts';
import { boundOf, figuresAlone, type Score, score } from './score.ts';
import { type Workload, workloadNamed, workloads } from './workloads.ts';

/** By the contender's id. */
type Each<Value> = Record<string, Value>;

export type PollingFigures = {
  workloads: (Workload & { bound: Omit<Bound, 'querySeconds'>; firstQueries: string })[];
  /** A peer's is what it would be if it never gave up. */
  score: Each<Score>;
  expected: ({ shareOfMedian: number } & Score)[];
  names: Each<string>;
  alone: Record<string, Each<Figures>>;
  atTheCreateLimit: Record<string, Each<UnderLoad>>;
  /** Reported only: half of each hundred must be refused, since all ask first after the same wait. */
  batches: Each<UnderLoad>;
  burst: Each<Burst>;
  outage: Each<UnderLoad>;
  lateToken: Each<Figures>;
};

/** `expected_seconds`, as a share of the workload's median. */
const expectations = [0.5, 0.6, 0.71, 0.84, 1, 1.19, 1.41, 1.68, 2];

/** So that what one execution's jitter happens to be does not show; few peers have any. */
const manyImports = 10_000;
const guidedImports = 4000;
const fewerImports = 600;

export function measurePolling(): PollingFigures {
  const contenders = [ours(), ...peerSchedules.map(peer)];
  const each = <Value>(measure: (contender: Contender) => Value): Each<Value> =>
    Object.fromEntries(contenders.map((contender) => [contender.id, measure(contender)]));
  const loaded = ['small', 'mixed', 'large'].map(workloadNamed);

  return {
    workloads: workloads.map(describe),
    score: {
      ours: score(() => ours(), manyImports),
      ...Object.fromEntries(
        peerSchedules.map((schedule) => [
          schedule.id,
          score(() => tirelessPeer(schedule), fewerImports),
        ]),
      ),
    },
    expected: expectations.map((shareOfMedian) => ({
      shareOfMedian,
      ...score((workload) => ours(expecting(workload, shareOfMedian)), guidedImports),
    })),
    names: Object.fromEntries(contenders.map(({ id, name }) => [id, name])),
    alone: Object.fromEntries(
      workloads.map((workload) => [
        workload.name,
        each((contender) =>
          figuresAlone(contender, workload, {
            count: contender.id === 'ours' ? manyImports : fewerImports,
          }),
        ),
      ]),
    ),
    atTheCreateLimit: Object.fromEntries(
      loaded.map((workload) => [
        workload.name,
        each((contender) => atTheCreateLimit(contender, workload)),
      ]),
    ),
    batches: each(inBatches),
    burst: each((contender) => burst(contender)),
    outage: each(throughAnOutage),
    lateToken: each(withLateTokens),
  };
}

function describe(workload: Workload) {
  const { querySeconds, ...bound } = boundOf(workload);
  return { ...workload, bound, firstQueries: querySeconds.slice(0, 6).join(' ') };
}

export function expecting({ medianSeconds }: Workload, shareOfMedian: number) {
  return { expectedSeconds: Math.max(1, Math.round(medianSeconds * shareOfMedian)) };
}

import type { Target } from '../targets.ts';
import type { InFlightFigures } from './in-flight.ts';
import type { LeakFigures } from './leak-check.ts';

export type LoadFigures = { inFlight: InFlightFigures; leakCheck: LeakFigures };

/** What the local engine is held to. */
export function loadTargets({ inFlight, leakCheck }: LoadFigures): Target[] {
  const grownBytes = leakCheck.heapBytesAfter - leakCheck.heapBytesBefore;
  return [
    { what: 'share in flight at once', value: inFlight.inFlight / inFlight.imports, least: 1 },
    { what: 'share that end right', value: inFlight.right / inFlight.imports, least: 1 },
    { what: 'gigabytes of memory', value: inFlight.mostRssBytes / 1e9, most: 1.5 },
    {
      what: 'share of those kept that have ended right',
      value: leakCheck.right / leakCheck.kept,
      least: 1,
    },
    { what: 'megabytes that an hour leaves behind', value: grownBytes / 1e6, most: 2 },
  ];
}

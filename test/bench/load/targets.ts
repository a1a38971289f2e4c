import type { InFlightFigures } from './in-flight.ts';
import type { LeakFigures } from './leak-check.ts';

export type LoadFigures = { inFlight: InFlightFigures; leakCheck: LeakFigures };

/** What the local engine is held to. */
export function loadTargets({ inFlight, leakCheck }: LoadFigures) {
  const grownBytes = leakCheck.heapBytesAfter - leakCheck.heapBytesBefore;
  return [
    { what: 'all are in flight at once', isMet: inFlight.inFlight === inFlight.imports },
    { what: 'all end right', isMet: inFlight.right === inFlight.imports },
    { what: 'under 1.5 GB', isMet: inFlight.mostRssBytes < 1.5e9 },
    { what: 'all that are kept have ended right', isMet: leakCheck.right === leakCheck.kept },
    { what: 'an hour leaves less than 2 MB behind', isMet: grownBytes < 2e6 },
  ];
}

import type { LoadFigures } from './targets.ts';

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
const seconds = (number: number) => `${Math.round(number)} s`;

/** The figures as the README shows them. */
export function loadTable({ inFlight, leakCheck }: LoadFigures) {
  const delay = (phase: keyof typeof inFlight.delayMs) => {
    const { p50, p99, max } = inFlight.delayMs[phase];
    return `${[p50, p99, max].map((ms) => Math.round(ms)).join(', ')} ms`;
  };
  const count = (number: number) => number.toLocaleString('en');
  return {
    head: ['', 'measured'],
    rows: [
      ['imports in flight at once', count(inFlight.inFlight)],
      ['of them ended right', count(inFlight.right)],
      ['queries', count(inFlight.queries)],
      ['to start them', seconds(inFlight.startSeconds)],
      ['to end them, once Feishu is done with all', seconds(inFlight.endSeconds)],
      ['most memory of the process', megabytes(inFlight.mostRssBytes)],
      ['memory of an import in flight', kilobytes(inFlight.bytesInFlight)],
      ['memory of one that has ended', kilobytes(inFlight.bytesEnded)],
      ['delay of the event loop (median, 99 %, most) while they start', delay('starting')],
      ['while they are in flight', delay('inFlight')],
      ['while they end', delay('ending')],
      [
        `imports in an hour of virtual time, at most ${count(leakCheck.kept)} kept`,
        count(leakCheck.imports),
      ],
      [
        'memory before that hour, and after',
        `${megabytes(leakCheck.heapBytesBefore)}, ${megabytes(leakCheck.heapBytesAfter)}`,
      ],
    ],
  };
}

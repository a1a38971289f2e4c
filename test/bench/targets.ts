/** What a benchmark is held to: ratios, shares and sizes, but no times, which are each machine's own. */
export type Target = { what: string; value: number } & ({ most: number } | { least: number });

export function isMet(target: Target): boolean {
  return 'most' in target ? target.value <= target.most : target.value >= target.least;
}

/** Says of each whether it is met; the process fails where one is not. */
export function reportTargets(targets: readonly Target[]): void {
  console.log('\ntargets');
  for (const target of targets) {
    const verdict = isMet(target) ? 'met   ' : 'MISSED';
    console.log(
      `  ${verdict} ${Number(target.value.toPrecision(5))} (${limitOf(target)}): ${target.what}`,
    );
  }
  process.exitCode = targets.every(isMet) ? 0 : 1;
}

export function limitOf(target: Target): string {
  return 'most' in target ? `at most ${target.most}` : `at least ${target.least}`;
}

/** Half of the values are no greater. */
export function median(values: number[]): number {
  return quantile(values, 0.5);
}

/** The value that a share of the others does not exceed. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.ceil(sorted.length * share) - 1];
  if (value === undefined) throw new Error('there is nothing to take a quantile of');
  return value;
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** So many of them, always the same for the same seed (mulberry32), in their own order. */
export function sample<Item>(items: readonly Item[], size: number, seed: number): Item[] {
  const random = randomNumbers(seed);
  const drawn = items.map((_, index) => ({ index, lot: random() }));
  drawn.sort((one, other) => one.lot - other.lot);
  const taken = new Set(drawn.slice(0, size).map(({ index }) => index));
  return items.filter((_, index) => taken.has(index));
}

function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

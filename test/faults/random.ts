export type Random = ReturnType<typeof randomOf>;

/** Numbers that look random and are the same for the same seed (mulberry32, seeded with FNV-1a). */
export function randomOf(seed: string) {
  let state = 0x811c9dc5;
  for (const character of seed) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }

  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const whole = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  const oneOf = <Item>(items: readonly Item[]) => items[whole(0, items.length - 1)] as Item;

  return {
    chance: (share: number) => next() < share,
    whole,
    oneOf,
    /** One of the makers, each as often as its weight says. */
    weighted<Item>(makers: readonly (readonly [weight: number, make: () => Item])[]): Item {
      let left = next() * makers.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, make] of makers) {
        left -= weight;
        if (left < 0) return make();
      }
      throw new Error('there is nothing to choose from');
    },
    list: <Item>(length: number, make: (place: number) => Item) =>
      Array.from({ length }, (_, place) => make(place)),
  };
}

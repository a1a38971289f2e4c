/** Keeps the newest 10,000: a long run must not fill the memory. */
export function remember<Item>(items: Item[], item: Item): void {
  items.push(item);
  if (items.length > 10_000) items.shift();
}

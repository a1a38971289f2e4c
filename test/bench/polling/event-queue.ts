type Due<Event> = { seconds: number; event: Event };

/** A binary heap: what is due first comes out first. */
export function createEventQueue<Event>() {
  const heap: Due<Event>[] = [];
  const at = (index: number) => heap[index] as Due<Event>;

  return {
    add(seconds: number, event: Event): void {
      const due = { seconds, event };
      let index = heap.push(due) - 1;
      while (index > 0) {
        const parent = (index - 1) >> 1;
        if (at(parent).seconds <= seconds) break;
        heap[index] = at(parent);
        index = parent;
      }
      heap[index] = due;
    },

    take(): Due<Event> | undefined {
      const first = heap[0];
      const last = heap.pop();
      if (!first || !last || heap.length === 0) return first;
      let index = 0;
      for (;;) {
        let child = 2 * index + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && at(child + 1).seconds < at(child).seconds) child += 1;
        if (at(child).seconds >= last.seconds) break;
        heap[index] = at(child);
        index = child;
      }
      heap[index] = last;
      return first;
    },
  };
}

import type { ReadSecret } from './secret-store.ts';

const cachedForMs = 5 * 60_000;

export type CachedSecrets = {
  /** The secret as it was within the last five minutes; one read for all who wait for it. */
  read: ReadSecret;
  /** Forgets it, so that it is read again. */
  drop(name: string): void;
};

/** Keeps what was read, and nothing where there was nothing to read: that may be mended at any time. */
export function cachedSecrets(readSecret: ReadSecret, now: () => number): CachedSecrets {
  const entries = new Map<string, { reading: ReturnType<ReadSecret>; until: number }>();

  return {
    read(name, deadline) {
      const entry = entries.get(name);
      if (entry && now() < entry.until) return entry.reading;

      const reading = readSecret(name, deadline).then(
        (read) => {
          if (read.kind !== 'secret') forget(name, reading);
          return read;
        },
        (error) => {
          forget(name, reading);
          throw error;
        },
      );
      entries.set(name, { reading, until: now() + cachedForMs });
      return reading;
    },
    drop: (name) => void entries.delete(name),
  };

  /** Unless it was dropped, and is being read anew. */
  function forget(name: string, reading: ReturnType<ReadSecret>): void {
    if (entries.get(name)?.reading === reading) entries.delete(name);
  }
}

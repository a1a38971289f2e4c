import type { Secret, Version } from './secret.ts';

export const current = 'AWSCURRENT';
export const previous = 'AWSPREVIOUS';
export const pending = 'AWSPENDING';

export function holderOf(secret: Secret, label: string): Version | undefined {
  return secret.versions.values().find(({ labels }) => labels.has(label));
}

/** A label is on one version only; the one that loses AWSCURRENT becomes AWSPREVIOUS. */
export function moveLabel(secret: Secret, label: string, version: Version) {
  const holder = holderOf(secret, label);
  if (holder === version) return;
  holder?.labels.delete(label);
  version.labels.add(label);
  if (label === current && holder) moveLabel(secret, previous, holder);
}

/** As AWS sees it: whether a function still works on it or has given up makes no difference. */
export function isRotating(secret: Secret) {
  const holder = holderOf(secret, pending);
  return holder !== undefined && !holder.labels.has(current);
}

/** AWS lists them in this order (LocalStack's recordings of AWS). */
export const labelsOf = ({ labels }: Version) => [...labels].sort();

/** Of the versions that bear labels: AWS deprecates, and some day deletes, the others. */
export function labelsByVersion(secret: Secret) {
  const labelled = [...secret.versions.values()].filter(({ labels }) => labels.size > 0);
  if (labelled.length === 0) return undefined;
  return Object.fromEntries(labelled.map((version) => [version.id, labelsOf(version)]));
}

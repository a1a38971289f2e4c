import type { RotationRulesType } from '@aws-sdk/client-secrets-manager';

/** Times in milliseconds. */
export type Version = {
  id: string;
  /** Undefined where a rotation has begun with it and not yet stored a value. */
  value: string | undefined;
  labels: Set<string>;
  createdAt: number;
  accessedAt: number | undefined;
};

export type Rotation = { functionArn: string; rules: RotationRulesType | undefined };

export type Secret = {
  arn: string;
  name: string;
  tags: Map<string, string>;
  /** In the order of their creation. */
  versions: Map<string, Version>;
  rotation: Rotation | undefined;
  createdAt: number;
  changedAt: number;
  accessedAt: number | undefined;
  rotatedAt: number | undefined;
  /** When it ends, if it is being deleted. */
  deletedAt: number | undefined;
};

export function addVersion(secret: Secret, id: string, value: string | undefined, now: number) {
  const version: Version = {
    id,
    value,
    labels: new Set(),
    createdAt: now,
    accessedAt: undefined,
  };
  secret.versions.set(id, version);
  return version;
}

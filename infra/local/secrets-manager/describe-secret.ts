import type { Secret } from './secret.ts';
import { labelsByVersion } from './staging-labels.ts';

const date = (name: string, ms: number | undefined) =>
  ms === undefined ? {} : { [name]: new Date(ms) };

/** What DescribeSecret and ListSecrets say alike. What a secret has not, they leave out. */
export function description(secret: Secret) {
  const { arn, name, tags, rotation } = secret;
  return {
    ARN: arn,
    Name: name,
    CreatedDate: new Date(secret.createdAt),
    LastChangedDate: new Date(secret.changedAt),
    ...date('LastAccessedDate', secret.accessedAt),
    ...date('LastRotatedDate', secret.rotatedAt),
    ...date('DeletedDate', secret.deletedAt),
    ...(tags.size > 0 && { Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) }),
    ...(rotation && {
      RotationEnabled: true,
      RotationLambdaARN: rotation.functionArn,
      ...(rotation.rules && { RotationRules: rotation.rules }),
    }),
  };
}

export function described(secret: Secret) {
  const labels = labelsByVersion(secret);
  return { ...description(secret), ...(labels && { VersionIdsToStages: labels }) };
}

export function listed(secret: Secret) {
  const labels = labelsByVersion(secret);
  return { ...description(secret), ...(labels && { SecretVersionsToStages: labels }) };
}

import { type Request, ServiceFault } from '../aws-json.ts';
import type { Operation } from './api.ts';
import { newVersionId, optionalTexts, secretId, secretString } from './request-fields.ts';
import { addVersion, type Secret, type Version } from './secret.ts';
import type { Secrets } from './secrets.ts';
import { current, holderOf, labelsOf, moveLabel, pending } from './staging-labels.ts';

function requiredValue(request: Request) {
  const value = secretString(request);
  if (value !== undefined) return value;
  const message = 'You must provide either SecretString or SecretBinary, and this one knows text.';
  throw new ServiceFault('InvalidRequestException', message);
}

export const versionIdInUse = (secret: Secret, id: string) =>
  new ServiceFault(
    'ResourceExistsException',
    `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secret.arn}.`,
  );

const answer = (secret: Secret, version: Version) => ({
  ARN: secret.arn,
  Name: secret.name,
  VersionId: version.id,
  VersionStages: labelsOf(version),
});

/**
 * Who stores a new current value ends a rotation that is under way or stuck: AWSPENDING is gone
 * then. Undocumented; seen in LocalStack's recordings of AWS (where the former current version bore
 * it) and in the tests of Terraform's provider (where a failed rotation had left it).
 */
function endRotation(secret: Secret) {
  holderOf(secret, pending)?.labels.delete(pending);
}

export function storeValue(secrets: Secrets, now: () => number): Operation<'PutSecretValue'> {
  return (request) => {
    const id = newVersionId(request);
    const value = requiredValue(request);
    const asked = optionalTexts(request, 'VersionStages');
    const secret = secrets.existing(secretId(request));

    const known = secret.versions.get(id);
    // documented: the same once more does nothing, so its labels stay where they are by now, too
    if (known?.value === value) return answer(secret, known);
    if (known && known.value !== undefined) throw versionIdInUse(secret, id);

    const labels = new Set(asked ?? [current]);
    // documented: the first version is the current one, whatever it is to be called besides
    if (secret.versions.size === 0) labels.add(current);
    const version = known ?? addVersion(secret, id, value, now());
    version.value = value;
    if (labels.has(current)) endRotation(secret);
    for (const label of labels) moveLabel(secret, label, version);
    secret.changedAt = now();
    return answer(secret, version);
  };
}

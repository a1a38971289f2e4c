import { type Request, ServiceFault } from '../aws-json.ts';
import type { Operation } from './api.ts';
import { optionalText, optionalVersionId, secretId } from './request-fields.ts';
import type { Secret, Version } from './secret.ts';
import type { Secrets } from './secrets.ts';
import { current, holderOf, labelsOf } from './staging-labels.ts';

/** AWS tells of reads only the day. */
const dayMs = 86_400_000;

function askedVersion(secret: Secret, request: Request): { version?: Version; asked: string } {
  const id = optionalVersionId(request, 'VersionId');
  const label = optionalText(request, 'VersionStage', { maxLength: 256 });
  if (id === undefined) {
    const version = holderOf(secret, label ?? current);
    return { ...(version && { version }), asked: `staging label: ${label ?? current}` };
  }
  const version = secret.versions.get(id);
  if (version && label !== undefined && !version.labels.has(label)) {
    const message = 'You provided a VersionStage that is not associated to the provided VersionId.';
    throw new ServiceFault('InvalidRequestException', message);
  }
  return { ...(version && { version }), asked: `VersionId: ${id}` };
}

export function readValue(secrets: Secrets, now: () => number): Operation<'GetSecretValue'> {
  return (request) => {
    const secret = secrets.existing(secretId(request));
    const { version, asked } = askedVersion(secret, request);
    if (version?.value === undefined) {
      const message = `Secrets Manager can't find the specified secret value for ${asked}`;
      throw new ServiceFault('ResourceNotFoundException', message);
    }
    const today = now() - (now() % dayMs);
    secret.accessedAt = today;
    version.accessedAt = today;
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: version.id,
      SecretString: version.value,
      VersionStages: labelsOf(version),
      CreatedDate: new Date(version.createdAt),
    };
  };
}

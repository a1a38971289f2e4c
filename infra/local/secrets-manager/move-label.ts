import { ServiceFault } from '../aws-json.ts';
import type { Operation } from './api.ts';
import { optionalVersionId, requiredText, secretId } from './request-fields.ts';
import type { Secret } from './secret.ts';
import type { Secrets } from './secrets.ts';
import { current, holderOf, moveLabel } from './staging-labels.ts';

const invalid = (message: string) => new ServiceFault('InvalidParameterException', message);

/**
 * Documented: a label that another version bears moves only if that version is named. Assumed:
 * moving it to the version that bears it succeeds and changes nothing ("a different version", says
 * AWS of what must be named); naming a version that does not bear it is refused, also where none does.
 */
function checkHolder(secret: Secret, label: string, to: string | undefined, from?: string) {
  const holder = holderOf(secret, label)?.id;
  if (from !== undefined && from !== holder) {
    throw invalid(`Staging label ${label} is not attached to version ${from}.`);
  }
  if (from === undefined && holder !== undefined && holder !== to) {
    throw invalid(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
}

export function moveStage(
  secrets: Secrets,
  now: () => number,
): Operation<'UpdateSecretVersionStage'> {
  return (request) => {
    const label = requiredText(request, 'VersionStage', { maxLength: 256 });
    const from = optionalVersionId(request, 'RemoveFromVersionId');
    const to = optionalVersionId(request, 'MoveToVersionId');
    const secret = secrets.existing(secretId(request));
    if (from === undefined && to === undefined) {
      throw invalid('You must provide MoveToVersionId, RemoveFromVersionId or both.');
    }
    if (to === undefined && label === current) {
      throw invalid(
        "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
      );
    }
    const version = to === undefined ? undefined : secret.versions.get(to);
    // assumed: AWS documents neither that nor how it refuses a version that is not there
    if (to !== undefined && !version) {
      const message = `Secrets Manager can't find the specified secret version: ${to}`;
      throw new ServiceFault('ResourceNotFoundException', message);
    }
    checkHolder(secret, label, to, from);

    // AWSPENDING stays where it is, also when its version becomes the current one (LocalStack's
    // recordings of AWS, against a sentence of the user guide)
    if (version) moveLabel(secret, label, version);
    else holderOf(secret, label)?.labels.delete(label);
    secret.changedAt = now();
    return { ARN: secret.arn, Name: secret.name };
  };
}

import { ServiceFault } from '../aws-json.ts';
import type { Operation } from './api.ts';
import { newVersionId, requiredText, secretString } from './request-fields.ts';
import { addVersion } from './secret.ts';
import type { Secrets } from './secrets.ts';
import { current, moveLabel } from './staging-labels.ts';
import { versionIdInUse } from './store-value.ts';
import { addTags } from './tags.ts';

function requiredName(name: string) {
  if (/^[\w/+=.@!-]+$/.test(name)) return name;
  const message =
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!';
  throw new ServiceFault('ValidationException', message);
}

export function createSecret(secrets: Secrets, now: () => number): Operation<'CreateSecret'> {
  return (request) => {
    const name = requiredName(requiredText(request, 'Name', { maxLength: 512 }));
    const id = newVersionId(request);
    const value = secretString(request);
    const known = secrets.find(name);
    if (known?.deletedAt !== undefined) {
      const message =
        "You can't create this secret because a secret with this name is already scheduled for deletion.";
      throw new ServiceFault('InvalidRequestException', message);
    }
    if (known) {
      const version = known.versions.get(id);
      if (!version) {
        const message = `The operation failed because the secret ${name} already exists.`;
        throw new ServiceFault('ResourceExistsException', message);
      }
      // documented: whoever did not get the answer may ask again
      if (version.value !== value) throw versionIdInUse(known, id);
      return { ARN: known.arn, Name: name, VersionId: id };
    }
    const secret = secrets.add(name, now());
    addTags(secret, request);
    if (value === undefined) return { ARN: secret.arn, Name: name };
    moveLabel(secret, current, addVersion(secret, id, value, now()));
    return { ARN: secret.arn, Name: name, VersionId: id };
  };
}

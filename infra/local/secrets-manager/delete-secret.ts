import { ServiceFault } from '../aws-json.ts';
import type { Operation } from './api.ts';
import { optionalFlag, optionalInteger, secretId } from './request-fields.ts';
import type { Secrets } from './secrets.ts';

const dayMs = 86_400_000;

/** Nothing that is being deleted goes by itself here: no test lasts seven days. */
export function deleteSecret(secrets: Secrets, now: () => number): Operation<'DeleteSecret'> {
  return (request) => {
    const id = secretId(request);
    const days = optionalInteger(request, 'RecoveryWindowInDays', 7, 30);
    const isForced = optionalFlag(request, 'ForceDeleteWithoutRecovery') ?? false;
    if (isForced && days !== undefined) {
      const message =
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.";
      throw new ServiceFault('InvalidParameterException', message);
    }
    if (isForced) {
      const secret = secrets.find(id);
      if (secret) secrets.remove(secret);
      // documented: no error where there is none
      return { ARN: secret?.arn, Name: secret?.name ?? id, DeletionDate: new Date(now()) };
    }
    const secret = secrets.existing(id);
    const deletedAt = now() + (days ?? 30) * dayMs;
    secret.deletedAt = deletedAt;
    return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(deletedAt) };
  };
}

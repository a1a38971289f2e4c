import type { RotationRulesType } from '@aws-sdk/client-secrets-manager';
import { type Request, ServiceFault } from '../aws-json.ts';
import type { Operation } from './api.ts';
import { newVersionId, optionalFlag, optionalText, secretId } from './request-fields.ts';
import type { RotationFunction, Rotations } from './rotation.ts';
import type { Secrets } from './secrets.ts';
import { isRotating } from './staging-labels.ts';

function rulesOf(request: Request): RotationRulesType | undefined {
  const rules = request.RotationRules ?? undefined;
  if (rules === undefined || typeof rules === 'object') return rules as RotationRulesType;
  throw new ServiceFault('SerializationException', "'RotationRules' must be a structure");
}

type Options = {
  secrets: Secrets;
  functions: Record<string, RotationFunction>;
  rotations: Rotations;
  now: () => number;
};

export function rotateSecret(options: Options): Operation<'RotateSecret'> {
  const { secrets, functions, rotations, now } = options;
  return (request) => {
    // AWS names this one otherwise than those of other operations (LocalStack's recordings of AWS)
    const id = newVersionId(request, 'InvalidParameterException');
    const arn = optionalText(request, 'RotationLambdaARN', { maxLength: 2048 });
    const rules = rulesOf(request);
    const isImmediate = optionalFlag(request, 'RotateImmediately') ?? true;
    const secret = secrets.existing(secretId(request));

    const functionArn = arn ?? secret.rotation?.functionArn;
    if (functionArn === undefined) {
      const message = 'No Lambda rotation function ARN is associated with this secret.';
      throw new ServiceFault('InvalidRequestException', message);
    }
    // assumed, as moto has it
    if (!Object.hasOwn(functions, functionArn)) {
      const message = `Resource not found for ARN '${functionArn}'.`;
      throw new ServiceFault('ResourceNotFoundException', message);
    }
    // documented of "any later invocation": so also of the same one once more
    if (isRotating(secret)) {
      const message = "A previous rotation isn't complete. That rotation will be reattempted.";
      throw new ServiceFault('InvalidRequestException', message);
    }
    secret.rotation = { functionArn, rules: rules ?? secret.rotation?.rules };
    secret.changedAt = now();
    const answer = { ARN: secret.arn, Name: secret.name, VersionId: id };
    // assumed: AWS says that the id keeps it from making a version twice, but not what it answers
    if (secret.versions.has(id)) return answer;
    if (isImmediate) rotations.begin(secret, id);
    else rotations.beginTest(secret, id);
    return answer;
  };
}

import { createHash } from 'node:crypto';
import type { Request } from '../aws-json.ts';
import type { Api, Operation, OperationName } from './api.ts';
import { createSecret } from './create-secret.ts';
import { deleteSecret } from './delete-secret.ts';
import { described } from './describe-secret.ts';
import { listSecrets } from './list-secrets.ts';
import { listVersions } from './list-versions.ts';
import { moveStage } from './move-label.ts';
import { readValue } from './read-value.ts';
import { optionalTexts, secretId } from './request-fields.ts';
import { rotateSecret } from './rotate-secret.ts';
import { type RotationFunction, rotations } from './rotation.ts';
import { type FaultFor, faultError, isAfterWork } from './scripted-faults.ts';
import { secretsByName } from './secrets.ts';
import { storeValue } from './store-value.ts';
import { addTags } from './tags.ts';

export type SecretsStoreOptions = {
  /** Values of secrets that are there from the start, by their names. */
  secrets?: Record<string, string>;
  /** Rotation functions by their ARNs. */
  functions?: Record<string, RotationFunction>;
  now?: () => number;
  faultFor?: FaultFor;
  /** Awaited before and after each operation's work, which nothing interrupts. */
  yieldPoint?: (operation: OperationName, input: Request) => Promise<void>;
  pendingLabelAfterRotation?: 'stays' | 'is removed';
};

type Call = <Name extends OperationName>(
  operation: Name,
  input: Api[Name]['input'],
) => Promise<Api[Name]['output']>;

type Methods = {
  [Name in OperationName]: (input: Api[Name]['input']) => Promise<Api[Name]['output']>;
};

/** Any id of 32 characters would do; this one is the same in each run. */
const firstVersionId = (name: string) =>
  createHash('sha256').update(name).digest('hex').slice(0, 32);

/** AWS Secrets Manager's rules for versions and staging labels, in memory and without a network. */
export function secretsStore(options: SecretsStoreOptions = {}) {
  const { functions = {}, now = Date.now, yieldPoint, faultFor } = options;
  const { pendingLabelAfterRotation: pendingLabel = 'stays' } = options;
  const secrets = secretsByName();
  const rotating = rotations({ functions, now, pendingLabel });
  const requests: { operation: OperationName; input: Request }[] = [];

  const work: { [Name in OperationName]: Operation<Name> } = {
    CreateSecret: createSecret(secrets, now),
    DeleteSecret: deleteSecret(secrets, now),
    DescribeSecret: (request) => described(secrets.known(secretId(request))),
    GetSecretValue: readValue(secrets, now),
    ListSecrets: listSecrets(secrets),
    ListSecretVersionIds: listVersions(secrets),
    PutSecretValue: storeValue(secrets, now),
    RotateSecret: rotateSecret({ secrets, functions, rotations: rotating, now }),
    TagResource(request) {
      addTags(secrets.existing(secretId(request)), request);
      return {};
    },
    UntagResource(request) {
      const { tags } = secrets.existing(secretId(request));
      for (const key of optionalTexts(request, 'TagKeys') ?? []) tags.delete(key);
      return {};
    },
    UpdateSecretVersionStage: moveStage(secrets, now),
  };
  for (const [Name, SecretString] of Object.entries(options.secrets ?? {})) {
    work.CreateSecret({ Name, SecretString, ClientRequestToken: firstVersionId(Name) });
  }

  const call: Call = async (operation, input) => {
    const request = { ...input } as Request;
    requests.push({ operation, input: request });
    const fault = faultFor?.(operation, request);
    await yieldPoint?.(operation, request);
    try {
      if (fault && !isAfterWork(fault)) throw faultError(fault);
      const output = work[operation](request);
      if (fault) throw faultError(fault);
      return output;
    } finally {
      await yieldPoint?.(operation, request);
    }
  };
  const methods = Object.fromEntries(
    Object.keys(work).map((name) => [
      name,
      (input: Api[OperationName]['input']) => call(name as OperationName, input),
    ]),
  ) as Methods;

  return {
    ...methods,
    call,
    isOperation: (name: string): name is OperationName => Object.hasOwn(work, name),
    requests,
    /** How often an operation was called. */
    count: (operation: OperationName) =>
      requests.filter((request) => request.operation === operation).length,
    /** How often a secret's value was asked for. */
    reads: (name: string) =>
      requests.filter(
        ({ operation, input }) =>
          operation === 'GetSecretValue' &&
          (input.SecretId === name || secrets.find(String(input.SecretId))?.name === name),
      ).length,
    /** Of all rotations that have begun, in order. */
    rotations: rotating.records,
    rotationsDone: rotating.done,
    /** Begins what failed of a secret's rotation anew, as AWS does some time later. */
    reattemptRotation: (name: string) => rotating.reattempt(secrets.existing(name)),
  };
}

export type SecretsStore = ReturnType<typeof secretsStore>;

import {
  paginateListSecrets,
  RotateSecretCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { RenewalConfig } from '../credentials-config.ts';
import { secretVersions } from './secret-versions.ts';
import { untilDeadline } from './until-deadline.ts';
import { recoverRotation } from './user-token-rotation.ts';

export type ListedSecret = {
  profile: string;
  name: string;
  /** The function that Secrets Manager would rotate it with. */
  rotationFunctionArn: string | undefined;
};

/** The secrets of all profiles, for whom they are rotated. */
export type ProfileSecrets = {
  list(deadline: number): AsyncIterable<ListedSecret>;
  read(
    secret: ListedSecret,
    deadline: number,
  ): Promise<{ kind: 'text'; text: string } | { kind: 'fault'; fault: string }>;
  /** Starts a rotation, once what another one has left behind is out of its way, unless one is at work. */
  rotate(secret: ListedSecret, deadline: number): Promise<void>;
};

/**
 * Secrets Manager wants a schedule of its own with every rotation, and its shortest, 4 hours, is longer than
 * an access token lives. This one is out of the way; what counts is our own rule.
 */
const ownSchedule = { AutomaticallyAfterDays: 1000 };

export function profileSecrets(
  {
    profileSecretPrefix: prefix,
    rotationFunctionArn,
  }: Pick<RenewalConfig, 'profileSecretPrefix' | 'rotationFunctionArn'>,
  client: SecretsManagerClient,
  now: () => number = Date.now,
): ProfileSecrets {
  const versions = secretVersions(client, now);

  return {
    async *list(deadline) {
      const filters = { Filters: [{ Key: 'name' as const, Values: [prefix] }] };
      const pages = paginateListSecrets({ client }, filters, untilDeadline(deadline, now()));
      for await (const { SecretList = [] } of pages) {
        for (const { Name: name = '', RotationLambdaARN } of SecretList) {
          const profile = name.slice(prefix.length);
          // the secrets of apps are no profiles
          if (!name.startsWith(prefix) || profile.includes('/')) continue;
          yield { profile, name, rotationFunctionArn: RotationLambdaARN };
        }
      }
    },

    async read({ name }, deadline) {
      const read = await versions.read(name, { stage: 'AWSCURRENT' }, deadline);
      if (read.kind === 'version') return { kind: 'text', text: read.text };
      return { kind: 'fault', fault: read.kind === 'none' ? 'it holds nothing' : read.fault };
    },

    async rotate({ name, rotationFunctionArn: configured }, deadline) {
      const rotationBefore = await recoverRotation(versions, name, deadline, now);
      if (rotationBefore === 'at work') return;
      const rotation =
        configured === rotationFunctionArn
          ? {}
          : { RotationLambdaARN: rotationFunctionArn, RotationRules: ownSchedule };
      await client.send(
        new RotateSecretCommand({ SecretId: name, ...rotation }),
        untilDeadline(deadline, now()),
      );
    },
  };
}

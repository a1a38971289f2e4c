import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { untilDeadline } from './until-deadline.ts';

type Fault = { kind: 'fault'; fault: string };
export type SecretVersion = { kind: 'version'; versionId: string; text: string };

/**
 * A secret's versions and the labels that tell them apart. Deadlines are in milliseconds. A `fault` is
 * an error of AWS's or of the network: what was asked for may have been done, or not.
 */
export type SecretVersions = {
  /** `none` where there is no such version, or one without a value. */
  read(
    name: string,
    which: { stage: string } | { versionId: string },
    deadline: number,
  ): Promise<SecretVersion | { kind: 'none' } | Fault>;
  /** Whoever comes second with a text of their own under the same id is told that it `exists`. */
  create(
    name: string,
    version: { versionId: string; text: string; stages: string[] },
    deadline: number,
  ): Promise<{ kind: 'created' } | { kind: 'exists' } | Fault>;
  /** The id of the version that bears each label. */
  stages(
    name: string,
    deadline: number,
  ): Promise<{ kind: 'stages'; holders: ReadonlyMap<string, string> } | Fault>;
  /** Takes a label from one version, or gives it to one, or both; a `fault` if `from` does not bear it. */
  moveStage(
    name: string,
    stage: string,
    move: { from?: string | undefined; to?: string | undefined },
    deadline: number,
  ): Promise<{ kind: 'moved' } | Fault>;
};

export function secretVersions(
  client: SecretsManagerClient,
  now: () => number = Date.now,
): SecretVersions {
  return {
    async read(name, which, deadline) {
      try {
        const { SecretString: text, VersionId: versionId = '' } = await client.send(
          new GetSecretValueCommand({
            SecretId: name,
            ...('stage' in which ? { VersionStage: which.stage } : { VersionId: which.versionId }),
          }),
          untilDeadline(deadline, now()),
        );
        return text === undefined ? { kind: 'none' } : { kind: 'version', versionId, text };
      } catch (error) {
        return isNamed(error, 'ResourceNotFoundException') ? { kind: 'none' } : faultOf(error);
      }
    },

    async create(name, { versionId, text, stages }, deadline) {
      try {
        await client.send(
          new PutSecretValueCommand({
            SecretId: name,
            ClientRequestToken: versionId,
            SecretString: text,
            VersionStages: stages,
          }),
          untilDeadline(deadline, now()),
        );
        return { kind: 'created' };
      } catch (error) {
        return isNamed(error, 'ResourceExistsException') ? { kind: 'exists' } : faultOf(error);
      }
    },

    async stages(name, deadline) {
      try {
        const { VersionIdsToStages = {} } = await client.send(
          new DescribeSecretCommand({ SecretId: name }),
          untilDeadline(deadline, now()),
        );
        const holders = Object.entries(VersionIdsToStages).flatMap(([versionId, stages]) =>
          stages.map((stage) => [stage, versionId] as const),
        );
        return { kind: 'stages', holders: new Map(holders) };
      } catch (error) {
        return faultOf(error);
      }
    },

    async moveStage(name, stage, { from, to }, deadline) {
      try {
        await client.send(
          new UpdateSecretVersionStageCommand({
            SecretId: name,
            VersionStage: stage,
            RemoveFromVersionId: from,
            MoveToVersionId: to,
          }),
          untilDeadline(deadline, now()),
        );
        return { kind: 'moved' };
      } catch (error) {
        return faultOf(error);
      }
    },
  };
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

/** The name alone: a message may repeat what was sent. */
function faultOf(error: unknown): Fault {
  return { kind: 'fault', fault: error instanceof Error ? error.name : String(error) };
}

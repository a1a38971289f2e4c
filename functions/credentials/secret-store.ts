import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { NoAnswer, NoProfile } from '../core/answer.ts';
import { untilDeadline } from './until-deadline.ts';

/** Reads a secret by its name, before the deadline (milliseconds). */
export type ReadSecret = (
  name: string,
  deadline: number,
) => Promise<{ kind: 'secret'; text: string } | NoProfile | NoAnswer>;

/** What AWS Secrets Manager says where asking again changes nothing. */
const permanent: Record<string, { en: string; zh: string }> = {
  ResourceNotFoundException: { en: 'does not exist', zh: '不存在' },
  AccessDeniedException: { en: 'may not be read by the query function', zh: '查询函数无权读取' },
  DecryptionFailure: { en: 'cannot be decrypted with its KMS key', zh: '无法用其 KMS 密钥解密' },
  InvalidRequestException: { en: 'cannot be read, or is being deleted', zh: '无法读取或正被删除' },
  InvalidParameterException: { en: 'has a name that cannot be', zh: '名称无效' },
};

/** As the functions use it: an answer that takes long is asked for again rather than waited for. */
export function secretsManagerClient(): SecretsManagerClient {
  return new SecretsManagerClient({
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: 1000,
      requestTimeout: 3000,
      throwOnRequestTimeout: true,
    },
  });
}

export function secretsManager(
  client: SecretsManagerClient,
  now: () => number = Date.now,
): ReadSecret {
  return async (name, deadline) => {
    try {
      const { SecretString: text } = await client.send(
        new GetSecretValueCommand({ SecretId: name }),
        untilDeadline(deadline, now()),
      );
      return text === undefined
        ? noProfile(name, { en: 'holds no text', zh: '不是文本' })
        : { kind: 'secret', text };
    } catch (error) {
      const why = error instanceof Error ? permanent[error.name] : undefined;
      if (why) return noProfile(name, why);
      const fault = error instanceof Error ? error.name : String(error);
      return {
        kind: 'no_answer',
        reason: `the secret ${name} could not be read (${fault})`,
        reasonZh: `未能读取密钥 ${name}（${fault}）`,
      };
    }
  };
}

function noProfile(name: string, { en, zh }: { en: string; zh: string }): NoProfile {
  return { kind: 'no_profile', reason: `the secret ${name} ${en}`, reasonZh: `密钥 ${name} ${zh}` };
}

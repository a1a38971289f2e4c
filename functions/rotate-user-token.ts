import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { secretsManagerClient } from './credentials/secret-store.ts';
import { secretVersions } from './credentials/secret-versions.ts';
import { type RenewalDependencies, userTokenRenewal } from './credentials/user-token-renewal.ts';
import { finishRotation, testRotation } from './credentials/user-token-rotation.ts';
import { type RotationConfig, rotationConfig } from './credentials-config.ts';
import { httpSender } from './feishu/http.ts';
import { refreshUserToken, userTokenUrl } from './feishu/user-tokens.ts';

/** An answer that comes late is better than one that is lost, and a token with it. */
const refreshTimeoutMs = 30_000;
/** What a run needs after the last request. */
const reserveMs = 1000;

/** As Secrets Manager invokes a rotation function. */
const rotationEvent = z.object({
  SecretId: z.string(),
  ClientRequestToken: z.string(),
  Step: z.enum(['createSecret', 'setSecret', 'testSecret', 'finishSecret']),
});

/** One step of a rotation; throws where the rotation is to stop. */
export function rotateUserToken(dependencies: RenewalDependencies) {
  const { versions, now } = dependencies;
  const renew = userTokenRenewal(dependencies);
  return async (
    event: unknown,
    context: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<void> => {
    const deadline = now() + context.getRemainingTimeInMillis() - reserveMs;
    const { SecretId, ClientRequestToken, Step } = z.parse(rotationEvent, event);
    switch (Step) {
      case 'createSecret':
        return renew(SecretId, ClientRequestToken, deadline);
      case 'setSecret':
        // Feishu knows the new tokens: it has made them
        return;
      case 'testSecret':
        return testRotation(versions, SecretId, ClientRequestToken, deadline);
      case 'finishSecret':
        return finishRotation(versions, SecretId, ClientRequestToken, deadline);
    }
  };
}

let bound: ReturnType<typeof rotateUserToken> | undefined;

/** The function as AWS runs it. */
export const handler = async (event: unknown, context: Context): Promise<void> => {
  bound ??= rotateUserToken(rotationDependencies(rotationConfig()));
  return bound(event, context);
};

export function rotationDependencies(
  { userTokenApi, ...baseUrls }: RotationConfig,
  client = secretsManagerClient(),
  now = Date.now,
): RenewalDependencies {
  const connection = { send: httpSender({ timeoutMs: refreshTimeoutMs, now }), now };
  return {
    ...baseUrls,
    versions: secretVersions(client, now),
    now,
    sleep,
    refresh: (user, deadline) =>
      refreshUserToken(connection, {
        ...user,
        url: userTokenUrl(user.baseUrl, userTokenApi),
        deadline,
      }),
  };
}

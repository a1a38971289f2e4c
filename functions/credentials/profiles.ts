import type { QueryConfig } from '../config.ts';
import { defaultProfile } from '../contract/execution-input.ts';
import type { NoAnswer, NoProfile } from '../core/answer.ts';
import type { AccessToken } from '../core/error-catalogue.ts';
import {
  customAppTokens,
  type FeishuConnection,
  importQuery,
  type QueryImport,
} from '../feishu/client.ts';
import { readProfileSecret } from './profile-secret.ts';
import type { ReadSecret } from './secret-store.ts';

/** Whose access token a query is made with. */
export type Profile = { kind: 'profile'; queryImport: QueryImport; accessToken: AccessToken };

/** Finds a profile by the name that an execution gives, before the deadline (milliseconds). */
export type Profiles = (name: string, deadline: number) => Promise<Profile | NoProfile | NoAnswer>;

/** One app from the environment, as the profile `default`. */
export function profilesFromConfig(
  { app }: Pick<QueryConfig, 'app'>,
  connection: FeishuConnection,
): Profiles {
  const profile: Profile | undefined = app && {
    kind: 'profile',
    queryImport: importQuery(
      connection,
      customAppTokens(connection, async () => ({ kind: 'app', ...app })),
    ),
    accessToken: 'tenant',
  };
  return async (name) => {
    if (name !== defaultProfile) {
      return {
        kind: 'no_profile',
        reason: `there is no profile "${name}", only "${defaultProfile}"`,
        reasonZh: `没有名为 "${name}" 的 profile，只有 "${defaultProfile}"`,
      };
    }
    return (
      profile ?? {
        kind: 'no_profile',
        reason: 'FEISHU_APP_ID and FEISHU_APP_SECRET are not set',
        reasonZh: '未设置 FEISHU_APP_ID 和 FEISHU_APP_SECRET',
      }
    );
  };
}

/**
 * One secret a profile, named with a prefix. A secret is read when a token is needed and none is at
 * hand: once for all who wait for it, and again after Feishu has refused the token.
 */
export function profilesFromSecrets(
  { prefix, readSecret }: { prefix: string; readSecret: ReadSecret },
  connection: FeishuConnection,
): Profiles {
  const profiles = new Map<string, Profile>();

  function open(name: string): Profile {
    const tokens = customAppTokens(connection, async (deadline) => {
      const secretName = prefix + name;
      const secret = await readSecret(secretName, deadline);
      return secret.kind === 'secret' ? readProfileSecret(secret.text, secretName) : secret;
    });
    return { kind: 'profile', queryImport: importQuery(connection, tokens), accessToken: 'tenant' };
  }

  return async (name) => {
    const profile = profiles.get(name) ?? open(name);
    profiles.set(name, profile);
    return profile;
  };
}

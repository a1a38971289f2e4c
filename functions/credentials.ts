import type { QueryConfig } from './config.ts';
import { defaultProfile } from './contract/execution-input.ts';
import type { NoProfile } from './core/answer.ts';
import type { AccessToken } from './core/error-catalogue.ts';
import {
  customAppTokens,
  type FeishuConnection,
  importQuery,
  type QueryImport,
} from './feishu/client.ts';

/** Somebody to ask Feishu as. */
export type Profile = { kind: 'profile'; queryImport: QueryImport; accessToken: AccessToken };

/** Finds a profile by the name that an execution gives. */
export type Profiles = (name: string) => Promise<Profile | NoProfile>;

/** One app from the environment, as the profile `default`. */
export function profilesFromConfig(
  { app }: Pick<QueryConfig, 'app'>,
  connection: FeishuConnection,
): Profiles {
  const profile: Profile | undefined = app && {
    kind: 'profile',
    queryImport: importQuery(connection, customAppTokens(connection, app)),
    accessToken: 'tenant',
  };
  return async (name) => {
    if (name !== defaultProfile) {
      return noProfile(`there is no profile "${name}", only "${defaultProfile}"`);
    }
    return profile ?? noProfile('FEISHU_APP_ID and FEISHU_APP_SECRET are not set');
  };
}

function noProfile(reason: string): NoProfile {
  return { kind: 'no_profile', reason };
}

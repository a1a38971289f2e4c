import type { QueryConfig } from '../config.ts';
import { defaultProfile } from '../contract/plain-input.ts';
import type { NoProfile } from '../core/answer.ts';
import type { FeishuConnection } from '../feishu/connection.ts';
import {
  importQuery,
  ownedToken,
  type QueryImport,
  type QueryToken,
} from '../feishu/import-query.ts';
import { requestCustomAppToken } from '../feishu/tenant-tokens.ts';
import { type NoToken, tokenProvider } from '../feishu/token-provider.ts';
import { onDemand } from './on-demand.ts';

/** What a query is made with. */
export type Profile = { kind: 'profile'; queryImport: QueryImport };

/** Finds a profile by the name that an execution gives. */
export type Profiles = (name: string) => Profile | NoProfile;

/** One app from the environment, as the profile `default`. */
export function profileFromConfig(
  { app, baseUrl }: Pick<QueryConfig, 'app' | 'baseUrl'>,
  connection: FeishuConnection,
): Profiles {
  const profile: Profile | NoProfile = app
    ? {
        kind: 'profile',
        queryImport: importQuery(
          connection,
          tokenProvider({
            now: connection.now,
            issue: async (deadline): Promise<QueryToken | NoToken> =>
              ownedToken(await requestCustomAppToken(connection, baseUrl, app, deadline), {
                accessToken: 'tenant',
                baseUrl,
              }),
          }),
        ),
      }
    : {
        kind: 'no_profile',
        reason: 'FEISHU_APP_ID and FEISHU_APP_SECRET are not set',
        reasonZh: '未设置 FEISHU_APP_ID 和 FEISHU_APP_SECRET',
      };
  return (name) =>
    name === defaultProfile
      ? profile
      : {
          kind: 'no_profile',
          reason: `there is no profile "${name}", only "${defaultProfile}"`,
          reasonZh: `没有名为 "${name}" 的 profile，只有 "${defaultProfile}"`,
        };
}

/** Profiles whose code takes as long to load as all the rest: not before one of them is asked with. */
export function profilesOnDemand(load: () => Promise<(name: string) => Profile>): Profiles {
  const loaded = onDemand(load);
  return (name) => ({
    kind: 'profile',
    async queryImport(...asked) {
      const profiles = await loaded();
      return profiles(name).queryImport(...asked);
    },
  });
}

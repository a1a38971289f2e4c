import type { NoProfile } from '../core/answer.ts';
import { type BaseUrls, isAllowed } from '../feishu/base-url.ts';
import type { FeishuConnection } from '../feishu/connection.ts';
import { importQuery, ownedToken, type QueryToken } from '../feishu/import-query.ts';
import { requestCustomAppToken } from '../feishu/tenant-tokens.ts';
import { type NoToken, tokenProvider } from '../feishu/token-provider.ts';
import { askedByAnybody, askedInThisProcess } from './app-ticket-requests.ts';
import { cachedSecrets } from './cached-secrets.ts';
import { readProfileSecret } from './profile-secret.ts';
import type { Profile } from './profiles.ts';
import type { ReadSecret } from './secret-store.ts';
import type { SecretVersions } from './secret-versions.ts';
import { type AppToken, storeAppTokens } from './store-app-tokens.ts';
import { storedUserToken } from './stored-user-token.ts';

/** Where the secrets of profiles are. */
export type SecretSource = {
  /** What all names of secrets begin with. */
  prefix: string;
  readSecret: ReadSecret;
  /** Where other processes use the same secrets, and write to them. */
  versions: SecretVersions | undefined;
};

/**
 * One secret a profile. It is read when a token is needed and none is at hand, and again after Feishu has
 * refused the token.
 */
export function profilesFromSecrets(
  source: SecretSource & BaseUrls,
  connection: FeishuConnection,
): (name: string) => Profile {
  const { prefix, readSecret, versions } = source;
  const mayAskForAppTicket = versions
    ? askedByAnybody(versions, connection.now)
    : askedInThisProcess(connection.now);
  const secrets = cachedSecrets(readSecret, connection.now);
  const storeApps = storeAppTokens({ prefix, secrets, mayAskForAppTicket }, connection);
  const profiles = new Map<string, Profile>();

  async function issue(name: string, deadline: number): Promise<ProfileToken | NoToken> {
    const answer = await issueFromSecret(prefix + name, deadline);
    // whatever is wrong with a secret may be mended at any time
    if (answer.kind === 'no_profile' || answer.kind === 'refusal') secrets.drop(prefix + name);
    return answer;
  }

  async function issueFromSecret(
    secretName: string,
    deadline: number,
  ): Promise<ProfileToken | NoToken> {
    const secret = await secrets.read(secretName, deadline);
    if (secret.kind !== 'secret') return secret;
    const read = readProfileSecret(secret.text, secretName);
    if (read.kind !== 'read') return read;

    const profile = read.value;
    const { baseUrl = source.baseUrl } = profile;
    if (!isAllowed(baseUrl, source)) return baseUrlNotAllowed(secretName);
    switch (profile.kind) {
      case 'custom': {
        const token = await requestCustomAppToken(connection, baseUrl, profile, deadline);
        return ownedToken(token, { accessToken: 'tenant', baseUrl });
      }
      case 'isv': {
        const storeApp = { app: profile.app, baseUrl, tenantKey: profile.tenantKey };
        const { answer, appToken } = await storeApps.tenantToken(storeApp, deadline);
        return ownedToken(answer, { accessToken: 'tenant', baseUrl, appToken });
      }
      case 'user':
        // it is renewed elsewhere, at any time: what is kept of it is the token alone
        secrets.drop(secretName);
        return ownedToken(storedUserToken(profile, connection.now()), {
          accessToken: 'user',
          baseUrl,
        });
    }
  }

  function open(name: string): Profile {
    const tokens = tokenProvider<ProfileToken>({
      now: connection.now,
      issue: (deadline) => issue(name, deadline),
      onEvict({ appToken }) {
        secrets.drop(prefix + name);
        if (appToken) storeApps.forget(appToken);
      },
    });
    return { kind: 'profile', queryImport: importQuery(connection, tokens) };
  }

  return (name) => {
    const profile = profiles.get(name) ?? open(name);
    profiles.set(name, profile);
    return profile;
  };
}

/** A store app's token can be got again only with a new token of the app's own. */
type ProfileToken = QueryToken & { appToken?: AppToken | undefined };

function baseUrlNotAllowed(secretName: string): NoProfile {
  return {
    kind: 'no_profile',
    reason: `the secret ${secretName} has a base_url that is not among those allowed at deploy (FEISHU_ALLOWED_BASE_URLS)`,
    reasonZh: `密钥 ${secretName} 中的 base_url 不在部署时允许的地址之列（FEISHU_ALLOWED_BASE_URLS）`,
  };
}

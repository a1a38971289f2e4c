import * as z from 'zod/mini';
import type { NoProfile } from '../core/answer.ts';
import { isObject } from '../core/json.ts';
import { normalBaseUrl } from '../feishu/base-url.ts';
import { appIdPattern, readSecretText, secretObject, text, time } from './secret-text.ts';

// What a profile's secret holds, by its kind.

const notABaseUrl = { error: 'base_url must be an https URL such as https://open.feishu.cn' };
const baseUrl = z.optional(
  z.pipe(
    z.string(notABaseUrl).check(z.refine((text) => normalBaseUrl(text) !== undefined, notABaseUrl)),
    z.transform((text) => normalBaseUrl(text) ?? text),
  ),
);

const customApp = z.pipe(
  secretObject({
    kind: z.literal('custom'),
    app_id: text('app_id'),
    app_secret: text('app_secret'),
    base_url: baseUrl,
  }),
  z.transform((secret) => ({
    kind: secret.kind,
    appId: secret.app_id,
    appSecret: secret.app_secret,
    baseUrl: secret.base_url,
  })),
);

const storeApp = z.pipe(
  secretObject({
    kind: z.literal('isv'),
    app: text('app').check(
      z.regex(appIdPattern, { error: 'app must be the app_id of a store app' }),
    ),
    tenant_key: text('tenant_key'),
    base_url: baseUrl,
  }),
  z.transform((secret) => ({
    kind: secret.kind,
    app: secret.app,
    tenantKey: secret.tenant_key,
    baseUrl: secret.base_url,
  })),
);

const user = z.pipe(
  secretObject({
    kind: z.literal('user'),
    app_id: text('app_id'),
    app_secret: text('app_secret'),
    access_token: text('access_token'),
    access_token_expires_at: time('access_token_expires_at'),
    refresh_token: z.optional(text('refresh_token')),
    refresh_token_expires_at: z.optional(time('refresh_token_expires_at')),
    // written by the rotation
    renewed_at: z.optional(time('renewed_at')),
    renewed_from: z.optional(text('renewed_from')),
    authorise_again: z.optional(text('authorise_again')),
    base_url: baseUrl,
  }),
  z.transform((secret) => ({
    kind: secret.kind,
    appId: secret.app_id,
    appSecret: secret.app_secret,
    accessToken: secret.access_token,
    accessTokenExpiresAt: secret.access_token_expires_at,
    refreshToken: secret.refresh_token,
    refreshTokenExpiresAt: secret.refresh_token_expires_at,
    /** When the rotation wrote this version, and a hash of the refresh token that it was got with. */
    renewedAt: secret.renewed_at,
    renewedFrom: secret.renewed_from,
    /** Why nothing but a person can renew these tokens. */
    authoriseAgain: secret.authorise_again,
    baseUrl: secret.base_url,
  })),
);

const profileSecret = z.discriminatedUnion('kind', [customApp, storeApp, user], {
  error: ({ code, input }) =>
    code === 'invalid_union' && isObject(input)
      ? 'kind must be "custom", "isv" or "user"'
      : 'it must be a JSON object',
});

export type ProfileSecret = z.output<typeof profileSecret>;
export type CustomAppSecret = z.output<typeof customApp>;
export type StoreAppProfile = z.output<typeof storeApp>;
export type UserSecret = z.output<typeof user>;

export function readProfileSecret(
  secret: string,
  name: string,
): { kind: 'read'; value: ProfileSecret } | NoProfile {
  return readSecretText(profileSecret, secret, name);
}

/** A user's secret with new tokens, or with the reason why there are none; whatever else it held stays. */
export function renewedUserSecret(secret: string, changes: UserTokens | AuthoriseAgain): string {
  const before = JSON.parse(secret);
  const after =
    'authoriseAgain' in changes
      ? { ...before, authorise_again: changes.authoriseAgain, refresh_token: undefined }
      : {
          ...before,
          access_token: changes.accessToken,
          access_token_expires_at: isoTime(changes.accessTokenExpiresAt),
          refresh_token: changes.refreshToken,
          refresh_token_expires_at:
            changes.refreshTokenExpiresAt && isoTime(changes.refreshTokenExpiresAt),
          authorise_again: undefined,
        };
  return JSON.stringify({
    ...after,
    renewed_at: isoTime(changes.renewedAt),
    renewed_from: changes.renewedFrom,
  });
}

/** Times in milliseconds. */
export type UserTokens = {
  accessToken: string;
  accessTokenExpiresAt: number;
  refreshToken: string | undefined;
  refreshTokenExpiresAt: number | undefined;
} & Renewal;
type AuthoriseAgain = { authoriseAgain: string } & Renewal;
type Renewal = { renewedAt: number; renewedFrom: string };

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

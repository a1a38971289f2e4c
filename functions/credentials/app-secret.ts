import * as z from 'zod/mini';
import type { NoProfile } from '../core/answer.ts';
import { appIdPattern, readSecretText, secretObject, text, time } from './secret-text.ts';

/** What the secret of a store app holds: one for all its tenants, named by the app's id. */
const appSecret = z.pipe(
  secretObject({
    app_id: text('app_id').check(
      z.regex(appIdPattern, { error: 'app_id must be the id of an app' }),
    ),
    app_secret: text('app_secret'),
    encrypt_key: z.optional(text('encrypt_key')),
    verification_token: z.optional(text('verification_token')),
    app_ticket: z.optional(text('app_ticket')),
    // written with the ticket
    app_ticket_pushed_at: z.optional(time('app_ticket_pushed_at')),
  }),
  z.transform((secret) => ({
    appId: secret.app_id,
    appSecret: secret.app_secret,
    /** Both are needed for events that come straight from Feishu, and for nothing else. */
    encryptKey: secret.encrypt_key,
    verificationToken: secret.verification_token,
    appTicket: secret.app_ticket,
    /** Milliseconds. */
    appTicketPushedAt: secret.app_ticket_pushed_at,
  })),
);

export type AppSecret = z.output<typeof appSecret>;

/** The secret of `app` under the prefix that all profiles have: no profile's name has a slash. */
export function appSecretName(prefix: string, app: string): string {
  return `${prefix}apps/${app}`;
}

export function readAppSecret(
  secret: string,
  name: string,
  app: string,
): { kind: 'read'; value: AppSecret } | NoProfile {
  const read = readSecretText(appSecret, secret, name);
  if (read.kind === 'no_profile' || read.value.appId === app) return read;
  return {
    kind: 'no_profile',
    reason: `the secret ${name} is of another app than its name says`,
    reasonZh: `密钥 ${name} 中的 app_id 与其名称不符`,
  };
}

/** The secret with a newer ticket; whatever else it held stays. `pushedAt` in milliseconds. */
export function withAppTicket(secret: string, appTicket: string, pushedAt: number): string {
  const app_ticket_pushed_at = new Date(pushedAt).toISOString();
  return JSON.stringify({ ...JSON.parse(secret), app_ticket: appTicket, app_ticket_pushed_at });
}

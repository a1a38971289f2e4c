import * as z from 'zod';
import type { NoProfile } from '../core/answer.ts';
import { parseJson } from '../core/json.ts';
import type { CustomApp } from '../feishu/client.ts';

const text = (key: string) =>
  z
    .string({ error: `${key} must be a string` })
    .trim()
    .min(1, { error: `${key} must not be empty` });

/** What a profile's secret holds. Strict: a misspelt key is told at once, and no value ever is. */
const profileSecret = z
  .strictObject(
    {
      kind: z.literal('custom', { error: 'kind must be "custom"' }),
      app_id: text('app_id'),
      app_secret: text('app_secret'),
    },
    {
      error: ({ code }) =>
        code === 'unrecognized_keys'
          ? 'it has keys that are not known; known are kind, app_id, app_secret'
          : 'it must be a JSON object',
    },
  )
  .transform(
    (secret): CustomApp => ({ kind: 'app', appId: secret.app_id, appSecret: secret.app_secret }),
  );

/** The app in a secret, or what is wrong with the secret. */
export function readProfileSecret(secret: string, name: string): CustomApp | NoProfile {
  const { data, error } = profileSecret.safeParse(parseJson(secret));
  if (data) return data;
  const faults = error.issues.map(({ message }) => message).join('; ');
  return {
    kind: 'no_profile',
    reason: `the secret ${name} cannot be understood: ${faults}`,
    reasonZh: `无法解析密钥 ${name}：${faults}`,
  };
}

import * as z from 'zod/mini';
import type { NoProfile } from '../core/answer.ts';
import { parseJson } from '../core/json.ts';

// What all secrets have in common: JSON, strictly checked, and never shown. A misspelt key is told at
// once, and no value ever is.

export const text = (key: string) =>
  z
    .string({ error: `${key} must be a string` })
    .check(z.trim(), z.minLength(1, { error: `${key} must not be empty` }));

/** An ISO 8601 time with its offset, as milliseconds. */
export const time = (key: string) =>
  z.pipe(
    z.iso.datetime({ offset: true, error: `${key} must be a time such as 2026-01-31T08:00:00Z` }),
    z.transform((text) => Date.parse(text)),
  );

/** The app's id goes into a secret's name and an address. */
export const appIdPattern = /^[A-Za-z0-9_-]{1,64}$/;

export function secretObject<Shape extends z.core.$ZodShape>(shape: Shape) {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys'
        ? `it has keys that are not known; known are ${known}`
        : 'it must be a JSON object',
  });
}

/** What is in a secret, or what is wrong with it. */
export function readSecretText<Schema extends z.core.$ZodType>(
  schema: Schema,
  secret: string,
  name: string,
): { kind: 'read'; value: z.output<Schema> } | NoProfile {
  const { data, error } = z.safeParse(schema, parseJson(secret));
  if (!error) return { kind: 'read', value: data };
  const faults = error.issues.map(({ message }) => message).join('; ');
  return {
    kind: 'no_profile',
    reason: `the secret ${name} cannot be understood: ${faults}`,
    reasonZh: `无法解析密钥 ${name}：${faults}`,
  };
}

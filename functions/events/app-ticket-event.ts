import * as z from 'zod/mini';
import { appIdPattern } from '../credentials/secret-text.ts';

export type AppTicket = {
  appId: string;
  appTicket: string;
  /** Milliseconds; of two tickets the one that was pushed later counts. */
  pushedAt: number;
};

/**
 * What Feishu pushes every hour to every store app.
 *
 * @see https://open.feishu.cn/document/ukTMukTMukTM/uQjNxYjL0YTM24CN2EjN
 */
const event = z.object({
  type: z.literal('app_ticket'),
  app_id: z.string().check(z.regex(appIdPattern)),
  app_ticket: z.string().check(z.trim(), z.minLength(1), z.maxLength(4096)),
});

/** The ticket in an event; undefined where the event is about something else. */
export function appTicketIn(content: unknown, pushedAt: number): AppTicket | undefined {
  const { data } = z.safeParse(event, content);
  return data && { appId: data.app_id, appTicket: data.app_ticket, pushedAt };
}

/** What an event server of the app's own hands on. */
const handedOn = z.strictObject(
  {
    app_id: z.string({ error: 'app_id must be a string' }).check(
      z.regex(appIdPattern, {
        error: 'app_id must be the id of an app: letters, digits, - and _',
      }),
    ),
    app_ticket: z
      .string({ error: 'app_ticket must be a string' })
      .check(
        z.trim(),
        z.minLength(1, { error: 'app_ticket must not be empty' }),
        z.maxLength(4096, { error: 'app_ticket is too long' }),
      ),
    pushed_at: z.optional(
      z.iso.datetime({
        offset: true,
        error: 'pushed_at must be a time such as 2026-01-31T08:00:00Z',
      }),
    ),
  },
  { error: 'it must be {"app_id": "cli_…", "app_ticket": "…"}, and "pushed_at" if that is known' },
);

/** Throws an error that lists what is wrong, and shows no value. */
export function appTicketHandedOn(content: unknown, nowMs: number): AppTicket {
  const { data, error } = z.safeParse(handedOn, content);
  if (!data) {
    const faults = error.issues.map(({ message }) => message).join('; ');
    throw new Error(`The app_ticket cannot be stored: ${faults}`);
  }
  return {
    appId: data.app_id,
    appTicket: data.app_ticket,
    // a clock that is ahead must not keep later tickets out
    pushedAt: Math.min(data.pushed_at ? Date.parse(data.pushed_at) : nowMs, nowMs),
  };
}

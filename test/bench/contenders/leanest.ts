import * as z from 'zod/mini';

// A function that does what ours does while all goes well, and nothing else: the least that this can
// cost, by the client that asks.

export type Ask = (
  url: string,
  method: 'GET' | 'POST',
  headers: Record<string, string>,
  body?: string,
) => Promise<string>;

const { FEISHU_APP_ID, FEISHU_APP_SECRET, FEISHU_BASE_URL } = process.env;

const queryEvent = z.object({
  execution_id: z.string(),
  started_at: z.string(),
  input: z.strictObject({
    ticket: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/)),
    profile: z.optional(z.string()),
    timeout_seconds: z.optional(z.int()),
    expected_seconds: z.optional(z.int()),
    on_failure: z.optional(z.enum(['fail', 'return'])),
  }),
  state: z.object({ query: z.optional(z.object({ queries: z.int() })) }),
});

const tokenAnswer = z.object({
  code: z.literal(0),
  tenant_access_token: z.string(),
  expire: z.number(),
});

const importAnswer = z.object({
  code: z.literal(0),
  data: z.object({
    result: z.object({
      job_status: z.int(),
      token: z.optional(z.string()),
      url: z.optional(z.string()),
    }),
  }),
});

export function leanestHandler(ask: Ask) {
  let token: { value: string; until: number } | undefined;

  async function freshToken(): Promise<string> {
    if (token && Date.now() < token.until) return token.value;
    const answer = await ask(
      `${FEISHU_BASE_URL}/open-apis/auth/v3/tenant_access_token/internal`,
      'POST',
      { 'content-type': 'application/json; charset=utf-8' },
      JSON.stringify({ app_id: FEISHU_APP_ID, app_secret: FEISHU_APP_SECRET }),
    );
    const { tenant_access_token: value, expire } = tokenAnswer.parse(JSON.parse(answer));
    token = { value, until: Date.now() + expire * 1000 };
    return value;
  }

  return async (event: unknown) => {
    const { execution_id, started_at, input, state } = queryEvent.parse(event);
    const headers = { authorization: `Bearer ${await freshToken()}`, accept: 'application/json' };
    const url = `${FEISHU_BASE_URL}/open-apis/drive/v1/import_tasks/${input.ticket}`;
    const { result } = importAnswer.parse(JSON.parse(await ask(url, 'GET', headers))).data;
    const isDone = result.job_status === 0 && result.token;
    const elapsed = (Date.now() - Date.parse(started_at)) / 1000;
    const answer = {
      outcome: isDone ? 'succeeded' : result.job_status <= 2 ? 'pending' : 'failed',
      job_status: result.job_status,
      wait_seconds: Math.max(2, Math.round(elapsed / 4)),
      queries: (state.query?.queries ?? 0) + 1,
      output: isDone ? { token: result.token, url: result.url } : {},
    };
    console.info({ message: 'query', execution_id, ...answer });
    return answer;
  };
}

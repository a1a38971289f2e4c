import type { Answer, TokenReply } from './replies.ts';

export type ScriptedEndpoint =
  | 'tenantToken'
  | 'appTicketResend'
  | 'storeAppToken'
  | 'storeTenantToken'
  | 'userToken'
  | 'userInfo';

/** The answers that the endpoints are scripted to give, in order; then normal again. */
export function createScriptedEndpoints() {
  const scripted = new Map<ScriptedEndpoint, TokenReply[]>();

  function script(endpoint: ScriptedEndpoint, replies: TokenReply[]): void {
    scripted.set(endpoint, [...(scripted.get(endpoint) ?? []), ...replies]);
  }

  function play(endpoint: ScriptedEndpoint, normalAnswer: () => Answer): Answer {
    const reply = scripted.get(endpoint)?.shift() ?? 'issue';
    if (reply === 'issue') return normalAnswer();
    if (!('issue' in reply)) return reply;
    const normal = normalAnswer();
    return { delayMs: reply.delayMs ?? 0, ...(reply.instead ?? normal) };
  }

  return { script, play };
}

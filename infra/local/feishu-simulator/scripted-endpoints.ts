import type { Answer, TokenReply } from './replies.ts';

export type ScriptedEndpoint =
  | 'tenantToken'
  | 'appTicketResend'
  | 'storeAppToken'
  | 'storeTenantToken'
  | 'userToken'
  | 'userInfo';

/**
 * The answers that the endpoints are scripted to give, in order; then normal again. Those for one
 * app come before those for whoever asks.
 */
export function createScriptedEndpoints() {
  const scripted = new Map<string, TokenReply[]>();
  const keyOf = (endpoint: ScriptedEndpoint, appId = '') => `${endpoint} ${appId}`;

  function script(endpoint: ScriptedEndpoint, replies: TokenReply[], appId?: string): void {
    const key = keyOf(endpoint, appId);
    scripted.set(key, [...(scripted.get(key) ?? []), ...replies]);
  }

  function play(endpoint: ScriptedEndpoint, normalAnswer: () => Answer, appId?: string): Answer {
    const next = (key: string) => scripted.get(key)?.shift();
    const reply = next(keyOf(endpoint, appId)) ?? next(keyOf(endpoint)) ?? 'issue';
    if (reply === 'issue') return normalAnswer();
    if (!('issue' in reply)) return reply;
    const normal = normalAnswer();
    return { delayMs: reply.delayMs ?? 0, ...(reply.instead ?? normal) };
  }

  return { script, play };
}

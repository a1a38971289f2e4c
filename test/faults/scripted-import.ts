import type { Reply, TokenReply } from '../../infra/local/feishu-simulator.ts';

/** What AWS does to one call of the query function. */
export type LambdaFault =
  /** `after`: the function did its work, and what it returned is lost. */
  | { kind: 'error'; error: string; when: 'before' | 'after' }
  /** Feishu is asked, and the function never returns. */
  | { kind: 'hangs' }
  /** Called a second time with the same event; one of the two results is kept. */
  | { kind: 'twice'; kept: 0 | 1 }
  /** The same, but both at once. */
  | { kind: 'twiceAtOnce' };

export type AttemptScript = {
  fault?: LambdaFault;
  /** The function's clock is put forward or back before the call … */
  clockJumpSeconds?: number;
  /** … or as soon as Feishu hears of it. */
  clockJumpWhenAskedSeconds?: number;
};

export type ProfileScript =
  /** Its secret can be read once the store has failed so many times. */
  | { kind: 'custom'; storeFailures: number }
  /** Its base_url leads to a port where nobody listens. */
  | { kind: 'unreachable' }
  | { kind: 'missing' }
  | { kind: 'malformed'; text: string };

/** All that Feishu, AWS and the network do to an import. Plain data. */
export type ScriptedImport = {
  number: number;
  start: 'post' | 'postTwice' | 'execution';
  input: {
    ticket: string;
    profile: string;
    timeout_seconds?: number;
    expected_seconds?: number;
    on_failure?: 'fail' | 'return';
  };
  /** What an execution starts with instead, where nobody has checked it. */
  invalidInput?: unknown;
  profile: ProfileScript;
  /** To the queries in order, the last one for ever. */
  replies: Reply[];
  /** To requests for a token in order; then one is issued. */
  tokenReplies: TokenReply[];
  /** In order; then AWS does as it should. */
  attempts: AttemptScript[];
};

export const ticketOf = (number: number) => `ticket-${number}`;
export const profileOf = (number: number) => `profile-${number}`;
export const appOf = (number: number) => ({
  appId: `cli_${number}`,
  appSecret: `RECOGNISABLE-secret-${number}-of-an-app`,
});

/** The number of an import in any text that ends in it. */
export const numberIn = (text: string) => Number(/(\d+)$/.exec(text)?.[1]);

/** A script as a person can read it: bodies of megabytes are only measured. */
export function shown(script: ScriptedImport): string {
  return JSON.stringify(
    script,
    (_, value) =>
      typeof value === 'string' && value.length > 300
        ? `${value.slice(0, 60)}… (${value.length} characters)`
        : value,
    1,
  );
}

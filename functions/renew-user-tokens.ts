import type { Context } from 'aws-lambda';
import { parseJson } from './core/json.ts';
import { readProfileSecret, type UserSecret } from './credentials/profile-secret.ts';
import {
  type ListedSecret,
  type ProfileSecrets,
  profileSecrets,
} from './credentials/profile-secrets.ts';
import { secretsManagerClient } from './credentials/secret-store.ts';
import { isJustRenewed } from './credentials/user-token-rotation.ts';
import { type RenewalConfig, renewalConfig } from './credentials-config.ts';
import { embeddedMetrics } from './embedded-metrics.ts';
import { someAtOnce } from './some-at-once.ts';

/** With less than this left of an access token it is renewed; with the rule every 15 minutes it has some tries. */
const renewalMs = 60 * 60_000;

/** With less than this left, rotations that were started in earlier runs have come to nothing. */
const overdueMs = 30 * 60_000;

/** Of all the secrets, so many are read at a time. */
const atOnce = 10;

/** What a run needs after the last request. */
const reserveMs = 1000;

export type RenewalReport = {
  /** The names of profiles. A rotation was started, or is at work. */
  renewing: string[];
  /** Also those whose rotation was started, but whose earlier ones have come to nothing. */
  failed: string[];
  /** Only a person can renew these. */
  needing_authorisation: string[];
};

type Outcome = keyof RenewalReport;

export type RenewalDependencies = {
  secrets: ProfileSecrets;
  /** Milliseconds. */
  now: () => number;
  log?: (entry: Record<string, unknown>) => void;
};

/** Has the tokens renewed that will end soon; told of every profile that it can do nothing for. */
export function renewUserTokens({ secrets, now, log = () => {} }: RenewalDependencies) {
  async function renew(secret: ListedSecret, deadline: number): Promise<Outcome[]> {
    const { profile } = secret;
    const fail = (message: string, reason: string): Outcome[] => {
      log({ message, profile, reason });
      return ['failed'];
    };
    if (now() >= deadline) return fail('not read', 'no time was left');
    const read = await secrets.read(secret, deadline);
    if (read.kind === 'fault') return fail('not read', read.fault);
    const found = userIn(read.text, profile);
    if (found.kind === 'nobody') return [];
    if (found.kind === 'unreadable') return fail('not understood', found.reason);
    const { user } = found;

    const why = needsPerson(user, now());
    if (why) {
      log({ message: 'a person must authorise again', profile, reason: why });
      return ['needing_authorisation'];
    }
    const leftMs = user.accessTokenExpiresAt - now();
    if (leftMs >= renewalMs || isJustRenewed(user, now())) return [];
    const outcomes: Outcome[] =
      leftMs < overdueMs ? fail('overdue', 'earlier rotations have not renewed the tokens') : [];
    try {
      await secrets.rotate(secret, deadline);
      return [...outcomes, 'renewing'];
    } catch (error) {
      return fail('not renewed', reasonOf(error));
    }
  }

  return async (
    _event: unknown,
    context: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<RenewalReport> => {
    const deadline = now() + context.getRemainingTimeInMillis() - reserveMs;
    const listed = await Array.fromAsync(secrets.list(deadline));
    const outcomes = await someAtOnce(atOnce, listed, (secret) => renew(secret, deadline));
    const profilesOf = (outcome: Outcome) =>
      listed.filter((_, index) => outcomes[index]?.includes(outcome)).map(({ profile }) => profile);
    const report: RenewalReport = {
      renewing: profilesOf('renewing'),
      failed: profilesOf('failed'),
      needing_authorisation: profilesOf('needing_authorisation'),
    };
    log({ message: 'user tokens', ...report });
    return report;
  };
}

type Found =
  | { kind: 'user'; user: UserSecret }
  | { kind: 'nobody' }
  | { kind: 'unreadable'; reason: string };

/** What cannot be understood and is no user's is told of by the imports that need it. */
function userIn(text: string, name: string): Found {
  const read = readProfileSecret(text, name);
  if (read.kind === 'read') {
    return read.value.kind === 'user' ? { kind: 'user', user: read.value } : { kind: 'nobody' };
  }
  const { kind } = Object(parseJson(text));
  return kind === 'user' ? { kind: 'unreadable', reason: read.reason } : { kind: 'nobody' };
}

function needsPerson(user: UserSecret, nowMs: number): string | undefined {
  // beside a refresh token the reason is an old one, left by who put new tokens into an old secret
  if (user.refreshToken === undefined) return user.authoriseAgain ?? 'there is no refresh token';
  const { refreshTokenExpiresAt = Number.POSITIVE_INFINITY } = user;
  return refreshTokenExpiresAt <= nowMs ? 'the refresh token has ended' : undefined;
}

/** The name, or what we said ourselves: a message of AWS's may repeat what was sent. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'RotationError' ? error.message : error.name;
}

/** What alarms watch, as a line of metrics. */
export function renewalMetrics(report: RenewalReport, namespace: string, nowMs: number): string {
  return embeddedMetrics(
    [
      { name: 'UserTokensNotRenewed', unit: 'Count', value: report.failed.length },
      {
        name: 'UserTokensNeedingAuthorisation',
        unit: 'Count',
        value: report.needing_authorisation.length,
      },
    ],
    { namespace, nowMs },
  );
}

let bound: ReturnType<typeof bindToAws> | undefined;

/** The function as AWS runs it. */
export const handler = async (event: unknown, context: Context): Promise<RenewalReport> => {
  bound ??= bindToAws(renewalConfig());
  return bound(event, context);
};

function bindToAws(config: RenewalConfig) {
  const renew = renewUserTokens({
    secrets: profileSecrets(config, secretsManagerClient()),
    now: Date.now,
    log: (entry) => console.info(entry),
  });
  return async (event: unknown, context: Context) => {
    const report = await renew(event, context);
    // past the console, which the runtime wraps in JSON of its own
    process.stdout.write(`${renewalMetrics(report, config.metricNamespace, Date.now())}\n`);
    return report;
  };
}

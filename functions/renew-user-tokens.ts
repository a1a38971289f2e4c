import type { Context } from 'aws-lambda';
import { type ProfileSecret, readProfileSecret } from './credentials/profile-secret.ts';
import { type ProfileSecrets, profileSecrets } from './credentials/profile-secrets.ts';
import { secretsManagerClient } from './credentials/secret-store.ts';
import { type RenewalConfig, renewalConfig } from './credentials-config.ts';

/** With less than this left of an access token it is renewed; with the rule every 15 minutes it has some tries. */
const renewalMs = 60 * 60_000;

/** What a run needs after the last request. */
const reserveMs = 1000;

type UserSecret = Extract<ProfileSecret, { kind: 'user' }>;

export type RenewalReport = {
  /** The names of profiles. */
  renewing: string[];
  failed: string[];
  /** Only a person can renew these. */
  needing_authorisation: string[];
};

export type RenewalDependencies = {
  secrets: ProfileSecrets;
  /** Milliseconds. */
  now: () => number;
  log?: (entry: Record<string, unknown>) => void;
};

/** Has the tokens renewed that will end soon; told of every profile that it can do nothing for. */
export function renewUserTokens({ secrets, now, log = () => {} }: RenewalDependencies) {
  return async (
    _event: unknown,
    context: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<RenewalReport> => {
    const deadline = now() + context.getRemainingTimeInMillis() - reserveMs;
    const report: RenewalReport = { renewing: [], failed: [], needing_authorisation: [] };

    for await (const secret of secrets.list(deadline)) {
      const { profile } = secret;
      const read = await secrets.read(secret, deadline);
      if (read.kind === 'fault') {
        report.failed.push(profile);
        log({ message: 'not read', profile, reason: read.fault });
        continue;
      }
      const user = userIn(read.text, profile);
      if (!user) continue;

      const why = needsPerson(user, now());
      if (why) {
        report.needing_authorisation.push(profile);
        log({ message: 'a person must authorise again', profile, reason: why });
        continue;
      }
      if (user.accessTokenExpiresAt - now() >= renewalMs) continue;
      try {
        await secrets.rotate(secret, deadline);
        report.renewing.push(profile);
      } catch (error) {
        report.failed.push(profile);
        log({ message: 'not renewed', profile, reason: reasonOf(error) });
      }
    }
    log({ message: 'user tokens', ...report });
    return report;
  };
}

/** A secret that cannot be understood is told of by the imports that need it. */
function userIn(text: string, name: string): UserSecret | undefined {
  const read = readProfileSecret(text, name);
  return read.kind === 'read' && read.value.kind === 'user' ? read.value : undefined;
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

/**
 * What alarms watch, in CloudWatch's embedded metric format.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function renewalMetrics(report: RenewalReport, namespace: string, nowMs: number): string {
  const metrics = {
    UserTokensNotRenewed: report.failed.length,
    UserTokensNeedingAuthorisation: report.needing_authorisation.length,
  };
  return JSON.stringify({
    _aws: {
      Timestamp: nowMs,
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [[]],
          Metrics: Object.keys(metrics).map((Name) => ({ Name, Unit: 'Count' })),
        },
      ],
    },
    ...metrics,
  });
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

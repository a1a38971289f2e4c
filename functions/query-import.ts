import type { Context } from 'aws-lambda';
import { type QueryConfig, queryConfig } from './config.ts';
import type { CheckedInput } from './contract/check-input.ts';
import { plainInput, type Subject } from './contract/plain-input.ts';
import {
  type QueryEvent,
  type QueryResult,
  queryResult,
  readQueryEvent,
} from './contract/query-step.ts';
import type { Answer } from './core/answer.ts';
import { failure } from './core/failure.ts';
import { type Decision, decide, decideUnasked, elapsedSeconds } from './core/import-decision.ts';
import { jitter } from './core/jitter.ts';
import type { AwsSecrets } from './credentials/aws-secrets.ts';
import { type Profiles, profileFromConfig, profilesOnDemand } from './credentials/profiles.ts';
import { secretsFromFile } from './credentials/profiles-file.ts';
import type { SecretSource } from './credentials/secret-profiles.ts';
import { awsSecretsOnDemand } from './credentials/secret-store-on-demand.ts';
import type { FeishuConnection } from './feishu/connection.ts';
import { httpSender } from './feishu/http.ts';
import { type Observation, observeInAws } from './observation.ts';

export type QueryDependencies = {
  config: Pick<QueryConfig, 'outageSeconds'>;
  profiles: Profiles;
  /** Milliseconds. */
  now: () => number;
  /** Told of every query. */
  observe?: ((observation: Observation) => void) | undefined;
};

type Decided = {
  subject: Subject & { onFailure?: 'fail' | 'return' };
  answer?: Answer;
  decision: Decision;
};

/** What a step needs after its last request, to answer before the function is stopped. */
const reserveMs = 1000;

/** The state machine's one step: asks Feishu once, decides what the answer means, says how long to wait. */
export function queryImport({ config, profiles, now, observe }: QueryDependencies) {
  async function decideStep(
    { executionId, startedAt, input, memory }: QueryEvent,
    deadline: number,
  ): Promise<Decided> {
    const elapsed = elapsedSeconds((now() - startedAt) / 1000, memory);
    const plain = plainInput(input);
    const read = plain ? { request: plain } : await checkInput(input);
    if (!read.request) {
      const ended = { ...memory, elapsedSeconds: elapsed, waitSeconds: 0 };
      const refused = failure('Input.Invalid', read.message);
      const decision: Decision = { outcome: 'failed', failure: refused, memory: ended };
      return { subject: read.subject, decision };
    }
    const { request } = read;
    // a profile that is not there is told at once, also where the query is not due yet
    const profile = profiles(request.profile);
    const context = {
      ...request,
      elapsedSeconds: elapsed,
      jitter: jitter(`${executionId} ${memory.queries}`),
    };
    const unasked = profile.kind === 'profile' ? decideUnasked(memory, context) : undefined;
    if (unasked) return { subject: request, decision: unasked };

    const { answer, accessToken } =
      profile.kind === 'profile'
        ? await profile.queryImport(request.ticket, deadline)
        : { answer: profile, accessToken: 'tenant' as const };
    const decision = decide(answer, memory, {
      ...context,
      outageSeconds: config.outageSeconds,
      accessToken,
    });
    return { subject: request, answer, decision };
  }

  return async (
    event: unknown,
    context: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<QueryResult> => {
    const begun = now();
    const deadline = begun + context.getRemainingTimeInMillis() - reserveMs;
    const step = readQueryEvent(event);
    const { subject, answer, decision } = await decideStep(step, deadline);
    observe?.({
      executionId: step.executionId,
      ticket: subject.ticket,
      profile: subject.profile,
      answer,
      decision,
      waitedSeconds: step.memory.waitSeconds,
      durationMs: now() - begun,
    });
    return queryResult(decision, subject);
  };
}

async function checkInput(input: unknown): Promise<CheckedInput> {
  const schemas = await import('./with-schemas.ts');
  return schemas.checkInput(input);
}

let bound: ReturnType<typeof queryImport> | undefined;

/** The function as AWS runs it. */
export const handler = async (event: unknown, context: Context): Promise<QueryResult> => {
  bound ??= bindToAws(queryConfig());
  return bound(event, context);
};

function bindToAws(config: QueryConfig) {
  const observe = observeInAws(config.metricNamespace ?? 'FeishuImport');
  return queryImport({ ...queryDependencies(config), observe });
}

/** The real things: Feishu over the network, and the credentials from where the settings say they are. */
export function queryDependencies(
  config: QueryConfig,
  now = Date.now,
  aws: AwsSecrets = awsSecretsOnDemand(),
): QueryDependencies {
  const send = httpSender({ timeoutMs: config.timeoutMs, now });
  return { config, now, profiles: findProfiles(config, { send, now }, aws) };
}

function findProfiles(
  config: QueryConfig,
  connection: FeishuConnection,
  { readSecret, versions }: AwsSecrets,
): Profiles {
  const { profileSecretPrefix: prefix, profilesFile, baseUrl, allowedBaseUrls } = config;
  const fromSecrets = (secrets: SecretSource) =>
    profilesOnDemand(async () => {
      const { profilesFromSecrets } = await import('./with-schemas.ts');
      return profilesFromSecrets({ baseUrl, allowedBaseUrls, ...secrets }, connection);
    });
  if (prefix) return fromSecrets({ prefix, readSecret, versions });
  if (profilesFile) {
    const readFromFile = secretsFromFile(profilesFile);
    return fromSecrets({ prefix: '', readSecret: readFromFile, versions: undefined });
  }
  return profileFromConfig(config, connection);
}

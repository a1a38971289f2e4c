import type { Context } from 'aws-lambda';
import type * as z from 'zod/mini';
import { type QueryConfig, queryConfig } from './config.ts';
import { executionInput, type Subject, subjectOf } from './contract/execution-input.ts';
import { type Fault, faultsInChinese, faultsOf } from './contract/input-faults.ts';
import { type QueryResult, queryEvent, queryResult } from './contract/query-step.ts';
import type { Answer } from './core/answer.ts';
import { failure } from './core/failure.ts';
import {
  type Decision,
  decide,
  decideUnasked,
  elapsedSeconds,
  type Memory,
} from './core/import-decision.ts';
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

type Step = z.output<typeof queryEvent>;
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
    { executionId, startedAt, input, memory }: Step,
    deadline: number,
  ): Promise<Decided> {
    const elapsed = elapsedSeconds((now() - startedAt) / 1000, memory);
    const { data: request, error } = executionInput.safeParse(input);
    if (error) {
      const ended = { ...memory, elapsedSeconds: elapsed, waitSeconds: 0 };
      return { subject: subjectOf(input), decision: refuseInput(error, ended) };
    }
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
    const step = queryEvent.parse(event);
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

function refuseInput(error: z.core.$ZodError, memory: Memory): Decision {
  const message = {
    en: `The execution's input is not valid: ${listed(faultsOf(error), '; ')}.`,
    zh: `执行的输入无效：${listed(faultsInChinese(error), '；')}。`,
  };
  return { outcome: 'failed', failure: failure('Input.Invalid', message), memory };
}

function listed(faults: Fault[], separator: string): string {
  return faults.map(({ message }) => message).join(separator);
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
      const { profilesFromSecrets } = await import('./credentials/secret-profiles.ts');
      return profilesFromSecrets({ baseUrl, allowedBaseUrls, ...secrets }, connection);
    });
  if (prefix) return fromSecrets({ prefix, readSecret, versions });
  if (profilesFile) {
    const readFromFile = secretsFromFile(profilesFile);
    return fromSecrets({ prefix: '', readSecret: readFromFile, versions: undefined });
  }
  return profileFromConfig(config, connection);
}

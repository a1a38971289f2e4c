import type { BilingualText } from './bilingual-text.ts';
import { type AccessToken, adviceFor, type ErrorName, errorCatalogue } from './error-catalogue.ts';

/** Why an execution fails, and what a person can do about it. */
export type Failure = {
  error: ErrorName;
  message: BilingualText;
  advice: BilingualText;
  retryable: boolean;
  reimport: boolean;
} & FailureDetails;

/** What Feishu said, as far as it said anything. */
export type FailureDetails = {
  jobStatus?: number | undefined;
  jobErrorMsg?: string | undefined;
  conflictCode?: number | undefined;
  code?: number | undefined;
  msg?: string | undefined;
  httpStatus?: number | undefined;
  logId?: string | undefined;
};

export function failure(
  error: ErrorName,
  message: BilingualText,
  {
    accessToken = 'tenant',
    advice = adviceFor(error, accessToken),
    ...details
  }: FailureDetails & { accessToken?: AccessToken; advice?: BilingualText | undefined } = {},
): Failure {
  const { retryable, reimport } = errorCatalogue[error];
  return { error, message, advice, retryable, reimport, ...details };
}

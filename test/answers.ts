import type { RefusalAnswer, ResultAnswer } from '../functions/core/answer.ts';

/** An answer about an import that tells nothing but what is named. */
export function resultAnswer(told: Partial<ResultAnswer> = {}): ResultAnswer {
  return {
    kind: 'result',
    ticket: undefined,
    jobStatus: undefined,
    jobErrorMsg: undefined,
    type: undefined,
    token: undefined,
    url: undefined,
    extra: [],
    httpStatus: 200,
    logId: undefined,
    ...told,
  };
}

/** A refusal that tells nothing but what is named. */
export function refusalAnswer(told: Partial<RefusalAnswer> = {}): RefusalAnswer {
  return {
    kind: 'refusal',
    asked: 'import',
    httpStatus: 400,
    code: undefined,
    msg: undefined,
    logId: undefined,
    missingScopes: [],
    retryAfterSeconds: 0,
    ...told,
  };
}

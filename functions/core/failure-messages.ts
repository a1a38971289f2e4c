import type { BilingualText } from './bilingual-text.ts';

// Why an execution fails, in whole sentences.

/** Feishu has given the import up; `meaning` is that of its status. */
export function importFailed(meaning: BilingualText, jobStatus: number): BilingualText {
  return {
    en: `Feishu could not import the file: ${meaning.en} (job_status ${jobStatus}).`,
    zh: `飞书未能导入该文件：${meaning.zh}（job_status ${jobStatus}）。`,
  };
}

/** It may be a failure or none: nobody but Feishu knows. */
export function unknownStatus(jobStatus: number): BilingualText {
  return {
    en: `Feishu reported a status that nobody has documented (job_status ${jobStatus}): whether the file was imported is not known.`,
    zh: `飞书返回了文档未说明的状态（job_status ${jobStatus}），无法判断文件是否已导入。`,
  };
}

export function folderConflict(conflictCode: number): BilingualText {
  return {
    en: `Feishu could not import the file: another import into the same folder was in the way (job_status 3, ${conflictCode}).`,
    zh: `飞书未能导入该文件：同一文件夹中有另一个导入任务正在进行（job_status 3，${conflictCode}）。`,
  };
}

export function tokenRefused(meaning: BilingualText, code: number | undefined): BilingualText {
  const { en, zh } = inBrackets(code);
  return {
    en: `Feishu refused the access token again after it was renewed: ${meaning.en}${en}.`,
    zh: `更新访问令牌后仍被飞书拒绝：${meaning.zh}${zh}。`,
  };
}

/** One of the `scopes` is needed; empty where that is not why. */
export function refused(
  asked: 'import' | 'token',
  meaning: BilingualText,
  code: number | undefined,
  scopes: readonly string[] = [],
): BilingualText {
  const { en, zh } = inBrackets(code);
  const needed = scopes.join(', ');
  return {
    en: `Feishu ${asked === 'token' ? 'gave no access token' : 'refused the query'}: ${meaning.en}${en}${needed && `; one of these scopes is needed: ${needed}`}.`,
    zh: `飞书${asked === 'token' ? '未发放访问令牌' : '拒绝了查询'}：${meaning.zh}${zh}${needed && `；需要以下任一权限：${needed}`}。`,
  };
}

/** `reason` is that of the last query. */
export function unavailable(
  reason: BilingualText,
  { seconds, queries }: { seconds: number; queries: number },
): BilingualText {
  const times = queries === 1 ? '1 query' : `${queries} queries in a row`;
  return {
    en: `Feishu gave no usable answer for ${seconds} s (${times}); the last time: ${reason.en}.`,
    zh: `飞书连续 ${seconds} 秒（${queries} 次查询）未给出可用的响应；最后一次：${reason.zh}。`,
  };
}

export function timedOut(timeoutSeconds: number): BilingualText {
  return {
    en: `The import was not finished when the time was up (timeout_seconds ${timeoutSeconds}). It has not failed: it may still be running in Feishu.`,
    zh: `等待时间已到（timeout_seconds ${timeoutSeconds}）时导入尚未完成。导入并未失败，可能仍在飞书中进行。`,
  };
}

/** `reason` says why there is none. */
export function appTicketMissing(reason: BilingualText, seconds: number): BilingualText {
  return {
    en: `No usable app_ticket came for ${seconds} s: ${reason.en}.`,
    zh: `${seconds} 秒内未收到可用的 app_ticket：${reason.zh}。`,
  };
}

export function authorisationExpired(reason: BilingualText): BilingualText {
  return {
    en: `A person must authorise the app again: ${reason.en}.`,
    zh: `需要用户重新授权应用：${reason.zh}。`,
  };
}

export function noCredentials(reason: BilingualText): BilingualText {
  return {
    en: `The credentials cannot be used: ${reason.en}.`,
    zh: `无法使用凭证：${reason.zh}。`,
  };
}

function inBrackets(code: number | undefined): BilingualText {
  return code === undefined
    ? { en: '', zh: '' }
    : { en: ` (code ${code})`, zh: `（错误码 ${code}）` };
}

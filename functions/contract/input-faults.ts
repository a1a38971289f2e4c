import type * as z from 'zod/mini';
import { longestRequestId } from './plain-input.ts';

/** Step Functions bears 256 KB between two states, and a Cause of 32 KB: no list may grow with its input. */
const mostFaults = 20;

/** What is wrong with an input, where, and what would be right. */
export type Fault = { path: string; message: string };

/**
 * The faults of an input that does not fit its schema, one an entry; of very many the first.
 * `knownKeys` are the keys that the schema has.
 */
export function faultsOf(error: z.core.$ZodError, knownKeys: readonly string[]): Fault[] {
  const known = knownKeys.join(', ');
  return theFirst(error, (count) => `and ${count} more faults`, {
    unknownKey: (key) => `${key} is not known here; known are ${known}`,
    otherwise: ({ message }) => message,
  });
}

/** The same for who reads Chinese. */
export function faultsInChinese(error: z.core.$ZodError, knownKeys: readonly string[]): Fault[] {
  const known = knownKeys.join(', ');
  return theFirst(error, (count) => `以及另外 ${count} 处错误`, {
    unknownKey: (key) => `不支持 ${key}；支持的有 ${known}`,
    otherwise: ({ path, message }) => inChinese[path.join('.')] ?? message,
  });
}

function theFirst(
  { issues }: z.core.$ZodError,
  andMore: (count: number) => string,
  say: {
    unknownKey: (key: string) => string;
    otherwise: (issue: z.core.$ZodIssue) => string;
  },
): Fault[] {
  const faults = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map(shortened).map((key) => ({ path: key, message: say.unknownKey(`"${key}"`) }))
      : [{ path: issue.path.join('.'), message: say.otherwise(issue) }],
  );
  const more = faults.length - mostFaults;
  return more > 0 ? [...faults.slice(0, mostFaults), { path: '', message: andMore(more) }] : faults;
}

/** A key as it can be shown: not too long, and without control characters. */
function shortened(key: string): string {
  return JSON.stringify(key.length > 64 ? `${key.slice(0, 63)}…` : key).slice(1, -1);
}

/** The rules of the input for who reads Chinese, by path. */
const inChinese: Record<string, string> = {
  '': '输入必须是包含 ticket 的 JSON 对象',
  ticket:
    'ticket 必须是字符串（加引号），由 1 至 64 个字母、数字、"-" 或 "_" 组成，与飞书返回的完全一致',
  profile: 'profile 必须是 1 至 32 个小写字母、数字或 "-"，并以字母或数字开头',
  timeout_seconds: 'timeout_seconds 必须是 1 至 86400（一天）之间的整数秒',
  expected_seconds: 'expected_seconds 必须是 1 至 86400（一天）之间的整数秒',
  on_failure: 'on_failure 必须为 "fail" 或 "return"',
  request_id: `request_id 必须是不超过 ${longestRequestId} 个字符的字符串`,
};

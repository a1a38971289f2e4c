import { expect, test } from 'vitest';
import { apiCode, apiCodes } from '../../functions/core/api-codes.ts';
import type { BilingualText } from '../../functions/core/bilingual-text.ts';
import { adviceFor, type ErrorName, errorCatalogue } from '../../functions/core/error-catalogue.ts';
import { importNotice, importNotices } from '../../functions/core/import-notices.ts';
import {
  importStatus,
  importStatuses,
  meaningWhileRunning,
} from '../../functions/core/import-status.ts';
import documented from '../reference/import-codes.json' with { type: 'json' };

const documentedStatuses = documented.job_status.map((row) => [row.code, row] as const);
const documentedErrors = documented.api_errors.map((row) => [row.code, row] as const);
const documentedNotices = documented.extra.map((row) => [row.code, row] as const);

test.for(documentedStatuses)('job_status %i means what Feishu documents', ([code, row]) => {
  const { code: _, zh, en, ...decision } = row;

  expect(importStatus(code)).toStrictEqual({ ...decision, meaning: { en, zh } });
});

test('lists the documented job_statuses and no others', () => {
  expect(Object.keys(importStatuses).map(Number)).toEqual(
    documentedStatuses.map(([code]) => code).sort((a, b) => a - b),
  );
});

test.for([-1, 107, Number.NaN, 1.5])('undocumented job_status %d ends the import', (code) => {
  const status = importStatus(code);

  expect(status).toMatchObject({ outcome: 'failed', error: 'Import.UnknownStatus' });
  expect(status.meaning.en).toBe(`undocumented job_status ${code}`);
  expect(faultsOf(status.meaning)).toEqual([]);
});

test.for(documentedNotices)('notice %s means what Feishu documents', ([code, row]) => {
  expect(importNotice(code)).toStrictEqual({
    code,
    appliesTo: row.applies_to,
    meaning: { en: row.en, zh: row.zh },
  });
});

test('lists the documented notices and no others', () => {
  expect(Object.keys(importNotices)).toEqual(documentedNotices.map(([code]) => code).sort());
});

test.for(['1004', '', 'toString', '__proto__'])(
  'undocumented notice "%s" is kept as it came',
  (code) => {
    const notice = importNotice(code);

    expect(notice).toMatchObject({ code, appliesTo: 'unknown' });
    expect(notice.meaning.en).toBe(`undocumented notice ${code}`);
    expect(notice.meaning.zh).toContain(code);
  },
);

test.for(documentedErrors)('API error %i is answered as documented', ([code, row]) => {
  const permanent = { kind: 'permanent', error: row.error };

  expect(apiCode(code)).toMatchObject(
    row.http === 429 ? { kind: 'rate_limit' } : row.transient ? { kind: 'transient' } : permanent,
  );
});

test.for([
  ['rate_limit', [1069923, 99991400]],
  [
    'transient',
    [
      1500, 1503, 1642, 1663, 1668, 2200, 5000, 10101, 10500, 20050, 20072, 55001, 1061001, 1061006,
      1061045, 1064230, 1069901, 1069903, 1069905,
    ],
  ],
  [
    'token_refused',
    [
      4001, 20005, 20006, 20013, 20014, 99991661, 99991663, 99991664, 99991665, 99991668, 99991671,
      99991677,
    ],
  ],
  ['Feishu.NoPermission', [1069902]],
  ['Feishu.InvalidParam', [1069904]],
  ['Feishu.DocumentDeleted', [1069906]],
  ['Feishu.FileTokenNotFound', [1069907]],
  ['Feishu.MountPointNotFound', [1069908]],
  ['Feishu.FileTooLarge', [1069909]],
  ['Feishu.ExtensionMismatch', [1069910]],
  ['Feishu.TypeMismatch', [1069911]],
  ['Feishu.FolderNotFound', [1069912]],
  ['Feishu.FileTokenExpired', [1069913]],
  ['Feishu.InvalidFileToken', [1069914]],
  ['Feishu.CredentialsRejected', [10003, 10005, 10012, 10013, 10014, 10015, 10016, 99991543]],
  ['Feishu.ScopeMissing', [99991672, 99991679]],
  ['Feishu.IpNotAllowed', [99991401]],
  ['Feishu.QuotaExceeded', [99991403, 99991406]],
  [
    'Feishu.Rejected',
    [
      1551, 1557, 1665, 4000, 9499, 1061002, 1061003, 1061004, 99991201, 99991301, 99991662,
      99991669, 99991670, 99991673, 99991674, 99991676, 99991681, 99991692, 99992402,
    ],
  ],
] as const)('the codes that mean %s are these and no others', ([answer, codes]) => {
  const found = Object.entries(apiCodes)
    .filter(([, row]) => (row.kind === 'permanent' ? row.error : row.kind) === answer)
    .map(([code]) => Number(code));

  expect(found).toEqual(codes);
});

test('has no answer for a code nobody has documented', () => {
  expect([0, -1, 1069999, 1.5, Number.NaN].map(apiCode)).toEqual(Array(5).fill(undefined));
});

const stop = { retryable: false, reimport: false };
const askAgain = { retryable: true, reimport: false };
const importAgain = { retryable: false, reimport: true };

const contract: Record<ErrorName, { retryable: boolean; reimport: boolean }> = {
  'Import.InternalError': importAgain,
  'Import.FileEncrypted': stop,
  'Import.TenantOutOfStorage': stop,
  'Import.FolderHasTooManyNodes': stop,
  'Import.ProcessingTimedOut': importAgain,
  'Import.NoPermission': stop,
  'Import.FormatNotSupported': stop,
  'Import.OfficeFormatNotSupported': stop,
  'Import.FileTooLarge': stop,
  'Import.NoFolderPermission': stop,
  'Import.FolderDeleted': stop,
  'Import.ExtensionMismatch': stop,
  'Import.FolderNotFound': stop,
  'Import.TypeMismatch': stop,
  'Import.FileExpired': importAgain,
  'Import.ExportDeniedWhileCopying': stop,
  'Import.FileCorrupted': stop,
  'Import.TooManyBlocks': stop,
  'Import.BlocksNestedTooDeep': stop,
  'Import.BlockTooLarge': stop,
  'Import.FolderConflict': importAgain,
  'Import.UnknownStatus': stop,
  'Import.TimedOut': askAgain,
  'Feishu.NoPermission': stop,
  'Feishu.InvalidParam': stop,
  'Feishu.DocumentDeleted': stop,
  'Feishu.FileTokenNotFound': stop,
  'Feishu.MountPointNotFound': stop,
  'Feishu.FileTooLarge': stop,
  'Feishu.ExtensionMismatch': stop,
  'Feishu.TypeMismatch': stop,
  'Feishu.FolderNotFound': stop,
  'Feishu.FileTokenExpired': importAgain,
  'Feishu.InvalidFileToken': stop,
  'Feishu.TokenRejected': stop,
  'Feishu.CredentialsRejected': stop,
  'Feishu.AppTicketMissing': askAgain,
  'Feishu.AuthorisationExpired': stop,
  'Feishu.ScopeMissing': stop,
  'Feishu.IpNotAllowed': stop,
  'Feishu.QuotaExceeded': stop,
  'Feishu.Rejected': stop,
  'Feishu.Unavailable': askAgain,
  'Input.Invalid': stop,
  'Profile.Unknown': stop,
  'Internal.Error': askAgain,
};

const namesOfOurOwn = [
  'Feishu.CredentialsRejected',
  'Feishu.AppTicketMissing',
  'Feishu.AuthorisationExpired',
  'Feishu.IpNotAllowed',
  'Feishu.QuotaExceeded',
  'Feishu.Rejected',
  'Feishu.ScopeMissing',
  'Feishu.TokenRejected',
  'Import.FolderConflict',
  'Import.TimedOut',
  'Import.UnknownStatus',
  'Input.Invalid',
  'Internal.Error',
  'Profile.Unknown',
];

test('names every documented failure and those of our own, and no others', () => {
  const documentedNames = [...documented.job_status, ...documented.api_errors].flatMap(
    ({ error }) => error ?? [],
  );

  expect(Object.keys(errorCatalogue).sort()).toEqual(
    [...new Set(documentedNames), ...namesOfOurOwn].sort(),
  );
});

const names = Object.keys(errorCatalogue) as ErrorName[];

test.for(names)('%s says whether asking or importing again can help', (name) => {
  const { retryable, reimport } = errorCatalogue[name];

  expect({ retryable, reimport }).toEqual(contract[name]);
});

test.for(names)('%s tells in both languages when it happens', (name) => {
  expect(faultsOf(errorCatalogue[name].when)).toEqual([]);
});

test.for(names)('%s advises in one sentence of each language', (name) => {
  expect(faultsOfAdvice(adviceFor(name, 'tenant'))).toEqual([]);
  expect(faultsOfAdvice(adviceFor(name, 'user'))).toEqual([]);
});

test('advises an app and a user differently where permissions or tokens differ', () => {
  const differing = names.filter((name) => {
    const app = adviceFor(name, 'tenant');
    const user = adviceFor(name, 'user');
    return app.en !== user.en && app.zh !== user.zh;
  });

  expect(differing).toEqual([
    'Import.NoPermission',
    'Import.NoFolderPermission',
    'Feishu.NoPermission',
    'Feishu.MountPointNotFound',
    'Feishu.TokenRejected',
    'Feishu.ScopeMissing',
  ]);
});

test('never offers the app what only a user can do, nor the reverse', () => {
  const texts = (['tenant', 'user'] as const).map((accessToken) =>
    ['Import.NoFolderPermission', 'Feishu.NoPermission', 'Feishu.MountPointNotFound'].map(
      (name) => adviceFor(name as ErrorName, accessToken).zh,
    ),
  );

  expect(texts[0]?.filter((zh) => zh.includes('用户'))).toEqual([]);
  expect(texts[1]?.filter((zh) => zh.includes('机器人') || zh.includes('文档应用'))).toEqual([]);
});

test.for(names.filter((name) => contract[name].retryable))(
  '%s sends its reader back with the same ticket',
  (name) => {
    const { en, zh } = adviceFor(name, 'tenant');

    expect(en).toContain('the same ticket');
    expect(zh).toContain('同一 ticket');
  },
);

test.for(Object.keys(apiCodes).map(Number))('API code %i is told in both languages', (code) => {
  const row = apiCode(code);
  const advice = row?.kind === 'permanent' ? row.advice : undefined;

  expect(row && faultsOf(row.meaning)).toEqual([]);
  expect(advice ? faultsOfAdvice(advice) : []).toEqual([]);
});

test('status and notice texts are whole in both languages', () => {
  const rows = [...Object.values(importStatuses), ...Object.values(importNotices)];

  expect(rows.flatMap(({ meaning }) => faultsOf(meaning))).toEqual([]);
});

const chinese = /[\p{Script=Han}\u3000-\u303f\uff00-\uffef]/u;

function faultsOf({ en, zh }: BilingualText): string[] {
  const faults = [];
  for (const text of [en, zh])
    if (!text || text !== text.trim() || /[\r\n]/.test(text)) faults.push(`not one line: ${text}`);
  if (chinese.test(en)) faults.push(`Chinese in English: ${en}`);
  if (!/\p{Script=Han}/u.test(zh)) faults.push(`no Chinese: ${zh}`);
  return faults;
}

function faultsOfAdvice(advice: BilingualText): string[] {
  const faults = faultsOf(advice);
  if (!/^[A-Z](?:[^.]|\.(?! [A-Z]))*\.$/.test(advice.en)) faults.push(`no sentence: ${advice.en}`);
  if (!/^[^。]+。$/.test(advice.zh)) faults.push(`no sentence: ${advice.zh}`);
  return faults;
}

test.for([
  [-1, 'Feishu has not reported a status yet'],
  [0, 'finished, but the document is not there yet'],
  [1, 'task is initialising'],
  [2, 'task is being processed'],
] as const)('status %i of an import that still runs has a meaning of its own', ([code, en]) => {
  expect(meaningWhileRunning(code)).toMatchObject({ en });
});

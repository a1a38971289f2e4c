import documented from '../reference/import-codes.json' with { type: 'json' };

// Feishu's codes, from its own lists and the contract: written down a second time on purpose, so that
// the campaign does not ask the code under test what is right.

type Code = { code: number; http?: number };

const codes = (...numbers: number[]): Code[] => numbers.map((code) => ({ code }));
const ofImports = (isTransient: boolean) =>
  documented.api_errors
    .filter(({ transient, code }) => transient === isTransient && code !== 1069923)
    .map(({ code, http }) => ({ code, http }));

export const refusals = {
  transient: [
    ...ofImports(true),
    ...codes(1500, 1503, 1642, 1663, 1668, 2200, 5000, 10101, 10500, 20050, 20072, 55001),
    ...codes(1061001, 1061006, 1061045, 1064230),
  ],
  token: [
    ...codes(4001, 20005, 20006, 20013, 20014, 99991661, 99991663, 99991664, 99991665, 99991668),
    ...codes(99991671, 99991677),
  ],
  credentials: codes(10003, 10005, 10012, 10013, 10014, 10015, 10016, 99991543),
  scope: codes(99991672, 99991679),
  ip: codes(99991401),
  quota: [
    { code: 99991403, http: 429 },
    { code: 99991406, http: 429 },
  ],
  import: ofImports(false),
  rejected: [
    ...codes(1551, 1557, 1665, 4000, 9499, 1061002, 1061003, 1061004, 99991201, 99991301),
    ...codes(99991662, 99991669, 99991670, 99991673, 99991674, 99991676, 99991681, 99991692),
    ...codes(99992402),
  ],
  rateLimit: codes(99991400, 1069923),
} satisfies Record<string, Code[]>;

export type RefusalKind = keyof typeof refusals;

const kinds = new Map(
  Object.entries(refusals).flatMap(([kind, ofKind]) =>
    ofKind.map(({ code }) => [code, kind as RefusalKind] as const),
  ),
);

export const kindOfCode = (code: number): RefusalKind | undefined => kinds.get(code);

const names: Partial<Record<RefusalKind, string>> = {
  credentials: 'Feishu.CredentialsRejected',
  scope: 'Feishu.ScopeMissing',
  ip: 'Feishu.IpNotAllowed',
  quota: 'Feishu.QuotaExceeded',
};

/** What an execution ends with whose query was refused for good. */
export function nameOfCode(code: number): string {
  const ofImport = documented.api_errors.find((row) => row.code === code && !row.transient);
  const kind = kindOfCode(code);
  return ofImport?.error ?? (kind && names[kind]) ?? 'Feishu.Rejected';
}

export const statuses = new Map(documented.job_status.map((row) => [row.code, row]));

/** May it be asked again, may the file be imported again: the contract's table. */
export const isRetryable = (name: string) =>
  ['Import.TimedOut', 'Feishu.Unavailable', 'Internal.Error'].includes(name);

export const mayBeReimported = (name: string) =>
  [
    'Import.InternalError',
    'Import.ProcessingTimedOut',
    'Import.FileExpired',
    'Import.FolderConflict',
    'Feishu.FileTokenExpired',
  ].includes(name);

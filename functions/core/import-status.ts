import type { BilingualText } from './bilingual-text.ts';
import type { ErrorName } from './error-catalogue.ts';

export type ImportStatus =
  | { outcome: 'succeeded'; meaning: BilingualText }
  | { outcome: 'pending'; meaning: BilingualText }
  | { outcome: 'failed'; error: ErrorName; meaning: BilingualText };

const internalError = {
  outcome: 'failed',
  error: 'Import.InternalError',
  meaning: { en: 'internal error', zh: '内部错误' },
} as const satisfies ImportStatus;

/** `succeeded` still needs the document's token: Feishu says 0 before the token is there. */
export const importStatuses = {
  0: {
    outcome: 'succeeded',
    meaning: {
      en: 'import finished; check extra for truncated or dropped content',
      zh: '导入成功',
    },
  },
  1: { outcome: 'pending', meaning: { en: 'task is initialising', zh: '初始化' } },
  2: { outcome: 'pending', meaning: { en: 'task is being processed', zh: '处理中' } },
  3: internalError,
  100: {
    outcome: 'failed',
    error: 'Import.FileEncrypted',
    meaning: { en: 'source file is encrypted', zh: '导入文档已加密' },
  },
  101: internalError,
  102: internalError,
  103: internalError,
  104: {
    outcome: 'failed',
    error: 'Import.TenantOutOfStorage',
    meaning: { en: 'tenant is out of storage', zh: '租户容量不足' },
  },
  105: {
    outcome: 'failed',
    error: 'Import.FolderHasTooManyNodes',
    meaning: { en: 'target folder holds too many nodes', zh: '文件夹节点太多' },
  },
  106: internalError,
  108: {
    outcome: 'failed',
    error: 'Import.ProcessingTimedOut',
    meaning: { en: 'processing timed out on the server', zh: '处理超时' },
  },
  109: internalError,
  110: {
    outcome: 'failed',
    error: 'Import.NoPermission',
    meaning: { en: 'no permission', zh: '无权限' },
  },
  112: {
    outcome: 'failed',
    error: 'Import.FormatNotSupported',
    meaning: { en: 'file format is not supported', zh: '格式不支持' },
  },
  113: {
    outcome: 'failed',
    error: 'Import.OfficeFormatNotSupported',
    meaning: { en: 'office format is not supported', zh: 'office格式不支持' },
  },
  114: internalError,
  115: {
    outcome: 'failed',
    error: 'Import.FileTooLarge',
    meaning: { en: 'source file is too large', zh: '导入文件过大' },
  },
  116: {
    outcome: 'failed',
    error: 'Import.NoFolderPermission',
    meaning: {
      en: 'this identity may not import into that folder',
      zh: '当前身份无导入至该文件夹的权限',
    },
  },
  117: {
    outcome: 'failed',
    error: 'Import.FolderDeleted',
    meaning: { en: 'target folder was deleted', zh: '目录已删除' },
  },
  118: {
    outcome: 'failed',
    error: 'Import.ExtensionMismatch',
    meaning: {
      en: 'file extension differs from the one the task names',
      zh: '导入文件和任务指定后缀不匹配',
    },
  },
  119: {
    outcome: 'failed',
    error: 'Import.FolderNotFound',
    meaning: { en: 'target folder does not exist', zh: '目录不存在' },
  },
  120: {
    outcome: 'failed',
    error: 'Import.TypeMismatch',
    meaning: {
      en: 'file type differs from the one the task names',
      zh: '导入文件和任务指定文件类型不匹配',
    },
  },
  121: {
    outcome: 'failed',
    error: 'Import.FileExpired',
    meaning: { en: 'uploaded source file has expired', zh: '导入文件已过期' },
  },
  122: {
    outcome: 'failed',
    error: 'Import.ExportDeniedWhileCopying',
    meaning: { en: 'export is forbidden while a copy is being made', zh: '创建副本中禁止导出' },
  },
  129: {
    outcome: 'failed',
    error: 'Import.FileCorrupted',
    meaning: {
      en: 'file is damaged; save it as a new file and import that',
      zh: '文件格式损坏。请另存为新文件后导入',
    },
  },
  5000: internalError,
  7000: {
    outcome: 'failed',
    error: 'Import.TooManyBlocks',
    meaning: { en: 'too many docx blocks', zh: 'docx block 数量超过系统上限' },
  },
  7001: {
    outcome: 'failed',
    error: 'Import.BlocksNestedTooDeep',
    meaning: { en: 'docx blocks are nested too deep', zh: 'docx block 层级超过系统上限' },
  },
  7002: {
    outcome: 'failed',
    error: 'Import.BlockTooLarge',
    meaning: { en: 'a docx block is too large', zh: 'docx block 大小超过系统上限' },
  },
} as const satisfies Record<number, ImportStatus>;

const rows: Record<number, ImportStatus> = importStatuses;

// an undocumented status ends the import: waiting on it would only burn the polling budget
export const importStatus = (code: number): ImportStatus =>
  rows[code] ?? {
    outcome: 'failed',
    error: 'Import.UnknownStatus',
    meaning: { en: `undocumented job_status ${code}`, zh: `飞书文档未说明的 job_status ${code}` },
  };

/** What a status means of an import that still runs; -1 where Feishu has reported none. */
export function meaningWhileRunning(code: number): BilingualText {
  if (code < 0) return { en: 'Feishu has not reported a status yet', zh: '飞书尚未返回状态' };
  return code === 0
    ? { en: 'finished, but the document is not there yet', zh: '已完成，但文档尚未就绪' }
    : importStatus(code).meaning;
}

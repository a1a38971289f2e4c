import type { BilingualText } from './bilingual-text.ts';

type NoticeEntry = { appliesTo: 'docx' | 'sheet' | 'bitable'; meaning: BilingualText };

export type ImportNotice = {
  code: string;
  appliesTo: NoticeEntry['appliesTo'] | 'unknown';
  meaning: BilingualText;
};

/** The `extra` codes that come with a success which is not complete. */
export const importNotices = {
  '1000': {
    appliesTo: 'docx',
    meaning: {
      en: 'more than 20,000 blocks; the rest was cut off',
      zh: '导入内容块数量超出新版文档最大限制（上限 2 万个）',
    },
  },
  '1001': {
    appliesTo: 'docx',
    meaning: {
      en: 'a table has more than 2,000 cells; the rest was cut off',
      zh: '导入表格单元格数量超出新版文档最大限制（上限 2000 个）',
    },
  },
  '1002': {
    appliesTo: 'docx',
    meaning: {
      en: 'a table has more than 100 columns; the rest was cut off',
      zh: '导入表格列数超出新版文档最大限制（上限 100 列）',
    },
  },
  '1003': {
    appliesTo: 'docx',
    meaning: {
      en: 'a paragraph has more than 100,000 UTF-16 characters; the rest was cut off',
      zh: '导入单段文本字数超出新版文档最大限制（上限 10 万个 UTF-16 字符）',
    },
  },
  '1005': {
    appliesTo: 'docx',
    meaning: { en: 'some pictures of the document failed to upload', zh: '文档部分图片上传失败' },
  },
  '2000': {
    appliesTo: 'sheet',
    meaning: { en: 'too many columns; the rest was cut off', zh: '表格列数超过最大限制' },
  },
  '2001': {
    appliesTo: 'sheet',
    meaning: { en: 'too many cells; the rest was cut off', zh: '表格单元格数超过最大限制' },
  },
  '2002': {
    appliesTo: 'sheet',
    meaning: { en: 'more than 4,000 pictures; the rest was dropped', zh: '表格图片超过 4000 张' },
  },
  '2003': {
    appliesTo: 'sheet',
    meaning: {
      en: "cloud storage is full; ask the tenant's administrator",
      zh: '云空间存储空间不足，请联系企业管理员',
    },
  },
  '2004': {
    appliesTo: 'sheet',
    meaning: { en: 'some pictures of the sheet failed to upload', zh: '表格部分图片上传失败' },
  },
  '2005': {
    appliesTo: 'sheet',
    meaning: {
      en: "a cell's text is too long; the rest was cut off",
      zh: '表格单元格字符长度超过最大限制',
    },
  },
  '3000': {
    appliesTo: 'bitable',
    meaning: {
      en: 'pictures outside the data rows were dropped',
      zh: '多维表格图片超出数据行区域会丢弃',
    },
  },
  '3001': {
    appliesTo: 'bitable',
    meaning: {
      en: 'pictures outside the data columns were dropped',
      zh: '多维表格图片超出数据列区域会丢弃',
    },
  },
  '3003': {
    appliesTo: 'bitable',
    meaning: { en: 'too many columns; the rest was cut off', zh: '多维表格列数超过最大限制' },
  },
  '3004': {
    appliesTo: 'bitable',
    meaning: { en: 'too many cells; the rest was cut off', zh: '多维表格单元格数超过最大限制' },
  },
  '3005': {
    appliesTo: 'bitable',
    meaning: {
      en: 'more than 4,000 pictures; the rest was dropped',
      zh: '多维表格图片超过 4000 张',
    },
  },
  '3006': {
    appliesTo: 'bitable',
    meaning: {
      en: 'some pictures of the bitable failed to upload',
      zh: '多维表格部分图片上传失败',
    },
  },
} as const satisfies Record<string, NoticeEntry>;

const rows = new Map<string, NoticeEntry>(Object.entries(importNotices));

export const importNotice = (code: string): ImportNotice => ({
  code,
  ...(rows.get(code) ?? {
    appliesTo: 'unknown',
    meaning: { en: `undocumented notice ${code}`, zh: `飞书文档未说明的提示码 ${code}` },
  }),
});

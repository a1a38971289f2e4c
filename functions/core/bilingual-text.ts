/** Users of Feishu read Chinese, users of AWS English: whoever meets a text gets a whole one. */
export type BilingualText = { en: string; zh: string };

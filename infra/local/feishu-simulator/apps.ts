/** A custom app: its secret alone gets a tenant token. */
export type FeishuApp = { appId: string; appSecret: string };

/** A store app: it needs a pushed ticket, and has a token for each tenant that installed it. */
export type IsvApp = FeishuApp & {
  encryptKey: string;
  verificationToken: string;
  /** Where events go; nowhere unless given. */
  eventUrl?: string;
  tenantKeys: string[];
};

import './dirname.ts';
import { Client, LoggerLevel } from '@larksuiteoapi/node-sdk/es/index.js';

const { FEISHU_APP_ID = '', FEISHU_APP_SECRET = '', FEISHU_BASE_URL = '' } = process.env;

const client = new Client({
  appId: FEISHU_APP_ID,
  appSecret: FEISHU_APP_SECRET,
  domain: FEISHU_BASE_URL,
  loggerLevel: LoggerLevel.error,
});

/** The official SDK, which sees to tokens by itself: of its two builds the one that starts quicker. */
export const handler = async ({ input: { ticket } }: { input: { ticket: string } }) => {
  const answer = await client.drive.importTask.get({ path: { ticket } });
  return answer.data?.result?.job_status;
};

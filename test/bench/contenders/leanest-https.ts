import type { IncomingMessage } from 'node:http';
import * as https from 'node:https';
import { leanestHandler } from './leanest.ts';

const { FEISHU_BASE_URL = '' } = process.env;
// `import` of node:http would load a WebSocket with it, and nobody needs it but the warm benchmark
const { Agent, request } = FEISHU_BASE_URL.startsWith('https:')
  ? https
  : process.getBuiltinModule('node:http');
const agent = new Agent({ keepAlive: true });

export const handler = leanestHandler(async (url, method, headers, body) => {
  const answered = Promise.withResolvers<string>();
  const asked = request(url, { agent, method, headers, timeout: 8000 }, read);
  asked.on('timeout', () => asked.destroy(new Error('timeout')));
  asked.on('error', answered.reject);
  asked.end(body);
  return answered.promise;

  function read(answer: IncomingMessage) {
    let text = '';
    answer.setEncoding('utf8');
    answer.on('data', (part: string) => {
      text += part;
    });
    answer.on('end', () => answered.resolve(text));
    answer.on('error', answered.reject);
  }
});

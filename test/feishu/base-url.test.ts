import { expect, test } from 'vitest';
import { isAllowed, normalBaseUrl } from '../../functions/feishu/base-url.ts';

test.for([
  ['https://open.feishu.cn', 'https://open.feishu.cn'],
  ['https://open.feishu.cn/', 'https://open.feishu.cn'],
  [' https://OPEN.feishu.cn:443// ', 'https://open.feishu.cn'],
  ['https://gateway.example.com/feishu/', 'https://gateway.example.com/feishu'],
  ['https://gateway.example.com:8443', 'https://gateway.example.com:8443'],
  ['http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
  ['http://127.1.2.3', 'http://127.1.2.3'],
  ['http://localhost:4000/', 'http://localhost:4000'],
  ['http://[::1]:4000', 'http://[::1]:4000'],
] as const)('%s is the address %s', ([text, url]) => {
  expect(normalBaseUrl(text)).toBe(url);
});

test.for([
  ['over http', 'http://open.feishu.cn'],
  ['over http to a name that looks local', 'http://127.0.0.1.example.com'],
  ['over http to another name that looks local', 'http://localhost.example.com'],
  ['over http to all addresses', 'http://0.0.0.0'],
  ['over another protocol', 'ftp://open.feishu.cn'],
  ['with a user', 'https://user@open.feishu.cn'],
  ['with a password', 'https://:password@open.feishu.cn'],
  ['with a query', 'https://open.feishu.cn?a=1'],
  ['with a fragment', 'https://open.feishu.cn#a'],
  ['without a protocol', 'open.feishu.cn'],
  ['of nothing', ''],
] as const)('no secret is sent to an address %s', ([, text]) => {
  expect(normalBaseUrl(text)).toBeUndefined();
});

const deployed = {
  baseUrl: 'https://gateway.example.com',
  allowedBaseUrls: ['https://open.feishu.example.com'],
};

test.for([
  ['https://open.feishu.cn', true],
  ['https://open.larksuite.com', true],
  ['https://gateway.example.com', true],
  ['https://open.feishu.example.com', true],
  ['https://open.feishu.example.com/other', false],
  ['https://open.feishu.cn.example.com', false],
  ['http://127.0.0.1:4000', false],
] as const)('a secret may be sent to %s: %s', ([url, may]) => {
  expect(isAllowed(url, deployed)).toBe(may);
});

test('without a list the platforms are allowed, and the address that is set', () => {
  const urls = ['https://open.larksuite.com', deployed.baseUrl, ...deployed.allowedBaseUrls];

  expect(urls.map((url) => isAllowed(url, { baseUrl: deployed.baseUrl }))).toEqual([
    true,
    true,
    false,
  ]);
});

import { expect, test } from 'vitest';
import { thirdParties, thirdPartyNotice } from '../../infra/third-party.ts';

const outputs = (inputs: Record<string, number>) => ({
  outputs: {
    'dist/a.mjs': {
      bytes: 1,
      imports: [],
      exports: [],
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([path, bytesInOutput]) => [path, { bytesInOutput }]),
      ),
    },
  },
});

test('names the packages of which some code is in a bundle, each once', () => {
  const parties = thirdParties(
    outputs({
      'functions/config.ts': 10,
      'node_modules/zod/v4/index.js': 10,
      'node_modules/zod/v4/mini.js': 10,
      'node_modules/@smithy/core/dist/index.js': 1,
      'node_modules/undici/index.js': 0,
    }),
  );

  expect(parties).toMatchObject([
    { name: '@smithy/core', license: 'Apache-2.0' },
    { name: 'zod', license: 'MIT' },
  ]);
});

test('hands each licence on once, and whose it is', () => {
  const party = (name: string, ...texts: string[]) => ({
    name,
    version: '1.0.0',
    license: 'MIT',
    texts,
  });

  const notice = thirdPartyNotice([
    party('a', 'the terms\r\n'),
    party('b'),
    party('c', 'the terms\n'),
  ]);

  expect(notice).toContain('a 1.0.0 (MIT)\nb 1.0.0 (MIT)\nc 1.0.0 (MIT)');
  expect(notice).toContain('a, c:\n\nthe terms\n');
  expect(notice.match(/the terms/g)).toHaveLength(1);
});

import { expect, test } from 'vitest';
import { readProfileSecret } from '../../functions/credentials/profile-secret.ts';

const secret = { kind: 'custom', app_id: 'cli_1', app_secret: 'RECOGNISABLE' };

test('reads the app of a custom profile', () => {
  expect(readProfileSecret(JSON.stringify(secret), 'feishu/a')).toEqual({
    kind: 'read',
    value: { kind: 'custom', appId: 'cli_1', appSecret: 'RECOGNISABLE', baseUrl: undefined },
  });
});

test.for([
  ['no JSON', 'RECOGNISABLE', 'it must be a JSON object'],
  ['no object', '["RECOGNISABLE"]', 'it must be a JSON object'],
  ['no kind', { ...secret, kind: undefined }, 'kind must be "custom"'],
  ['another kind', { ...secret, kind: 'RECOGNISABLE' }, 'kind must be "custom"'],
  ['no app_id', { ...secret, app_id: undefined }, 'app_id must be a string'],
  ['an empty app_secret', { ...secret, app_secret: ' ' }, 'app_secret must not be empty'],
  ['a number as app_secret', { ...secret, app_secret: 5 }, 'app_secret must be a string'],
  ['a misspelt key', { ...secret, appsecret: 'RECOGNISABLE' }, 'keys that are not known'],
] as const)('tells that a secret has %s, and no value of it', ([, content, fault]) => {
  const text = typeof content === 'string' ? content : JSON.stringify(content);

  const answer = readProfileSecret(text, 'feishu/a');

  expect(answer).toMatchObject({ kind: 'no_profile', reason: expect.stringContaining(fault) });
  expect(JSON.stringify(answer)).toContain('feishu/a');
  expect(JSON.stringify(answer)).not.toContain('RECOGNISABLE');
});

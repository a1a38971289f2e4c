import { expect, test } from 'vitest';
import {
  appSecretName,
  readAppSecret,
  withAppTicket,
} from '../../functions/credentials/app-secret.ts';

const name = 'feishu/apps/cli_store';
const secret = { app_id: 'cli_store', app_secret: 'RECOGNISABLE' };
const whole = {
  ...secret,
  encrypt_key: 'key',
  verification_token: 'token',
  app_ticket: 'g-1',
  app_ticket_pushed_at: '2026-01-31T08:00:00+08:00',
};

const read = (content: unknown) => readAppSecret(JSON.stringify(content), name, 'cli_store');

test('the secret of an app is named by its id, under the prefix of all', () => {
  expect(appSecretName('feishu/', 'cli_store')).toBe(name);
});

test('reads all that the secret of a store app holds', () => {
  expect(read(whole)).toEqual({
    kind: 'read',
    value: {
      appId: 'cli_store',
      appSecret: 'RECOGNISABLE',
      encryptKey: 'key',
      verificationToken: 'token',
      appTicket: 'g-1',
      appTicketPushedAt: Date.parse('2026-01-31T00:00:00Z'),
    },
  });
});

test('needs nothing but the app and its secret', () => {
  expect(read(secret)).toMatchObject({ kind: 'read', value: { appTicket: undefined } });
});

test.for([
  ['is no object', [secret], 'it must be a JSON object'],
  ['has no app_id', { ...secret, app_id: undefined }, 'app_id must be a string'],
  [
    'has a path as app_id',
    { ...secret, app_id: 'RECOGNISABLE/x' },
    'app_id must be the id of an app',
  ],
  ['has no app_secret', { ...secret, app_secret: undefined }, 'app_secret must be a string'],
  ['has a blank app_secret', { ...secret, app_secret: ' ' }, 'app_secret must not be empty'],
  ['has an empty encrypt_key', { ...whole, encrypt_key: '' }, 'encrypt_key must not be empty'],
  [
    'has no text as token',
    { ...whole, verification_token: 5 },
    'verification_token must be a string',
  ],
  ['has an empty ticket', { ...whole, app_ticket: '' }, 'app_ticket must not be empty'],
  [
    'has no time',
    { ...whole, app_ticket_pushed_at: 'RECOGNISABLE' },
    'app_ticket_pushed_at must be a time',
  ],
  [
    'has a misspelt key',
    { ...whole, encryptKey: 'RECOGNISABLE' },
    'known are app_id, app_secret, encrypt_key',
  ],
  ['is of another app', { ...secret, app_id: 'cli_other' }, 'is of another app than its name says'],
] as const)('tells that a secret %s, and no value of it', ([, content, fault]) => {
  const answer = read(content);

  expect(answer).toEqual({
    kind: 'no_profile',
    reason: expect.stringMatching(new RegExp(`^the secret ${name} .*${fault}`)),
    reasonZh: expect.stringContaining(name),
  });
  expect(JSON.stringify(answer)).not.toMatch(/RECOGNISABLE|cli_other/);
});

test('tells all that is wrong with a secret at once', () => {
  expect(read({ app_secret: '', app_ticket: 5 })).toMatchObject({
    reason: expect.stringContaining(
      'app_id must be a string; app_secret must not be empty; app_ticket must be a string',
    ),
  });
});

test('puts a ticket into a secret and leaves the rest as it is', () => {
  const text = withAppTicket(JSON.stringify(whole), 'g-2', Date.parse('2026-02-01T00:00:00Z'));

  expect(JSON.parse(text)).toEqual({
    ...whole,
    app_ticket: 'g-2',
    app_ticket_pushed_at: '2026-02-01T00:00:00.000Z',
  });
  expect(readAppSecret(text, name, 'cli_store').kind).toBe('read');
});

import { expect, test } from 'vitest';
import { secretsManager } from '../../functions/credentials/secret-store.ts';
import { fault, startSecretsManager } from './secrets-manager.ts';

const soon = () => Date.now() + 5000;

async function read(secret: Parameters<typeof startSecretsManager>[0][string] | undefined) {
  await using aws = await startSecretsManager(secret === undefined ? {} : { 'feishu/a': secret });
  return await secretsManager(aws.client)('feishu/a', soon());
}

test('reads a secret by its name', async () => {
  expect(await read('{"a":1}')).toEqual({ kind: 'secret', text: '{"a":1}' });
});

test.for([
  ['that does not exist', undefined, 'does not exist'],
  ['that may not be read', fault('AccessDeniedException'), 'may not be read'],
  ['that cannot be decrypted', fault('DecryptionFailure'), 'cannot be decrypted'],
  ['that is being deleted', fault('InvalidRequestException'), 'is being deleted'],
  ['that is binary', { body: { SecretBinary: 'AAAA' } }, 'holds no text'],
] as const)('a secret %s is no profile', async ([, secret, words]) => {
  expect(await read(secret)).toEqual({
    kind: 'no_profile',
    reason: expect.stringMatching(new RegExp(`^the secret feishu/a .*${words}`)),
    reasonZh: expect.stringMatching(/^密钥 feishu\/a /),
  });
});

test.for([
  ['throttles', fault('ThrottlingException')],
  ['fails', fault('InternalServiceError', 500)],
  ['hangs up', 'hang up'],
] as const)('a store that %s may work the next time', async ([, answer]) => {
  expect(await read(answer)).toMatchObject({ kind: 'no_answer' });
});

test('a store that does not answer in time may work the next time', async () => {
  await using aws = await startSecretsManager({ 'feishu/a': '{}' });

  expect(await secretsManager(aws.client)('feishu/a', Date.now() - 1)).toMatchObject({
    kind: 'no_answer',
    reason: expect.stringContaining('feishu/a'),
  });
});

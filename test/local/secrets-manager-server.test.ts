import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import {
  directSecretsClient,
  localSecretsClient,
} from '../../infra/local/secrets-manager/client.ts';
import {
  denied,
  internalError,
  lostAnswer,
  throttled,
} from '../../infra/local/secrets-manager/scripted-faults.ts';
import { secretsStore } from '../../infra/local/secrets-manager/store.ts';
import {
  type LocalSecretsManagerOptions,
  startLocalSecretsManager,
} from '../../infra/local/secrets-manager.ts';

const id = (character: string) => character.repeat(32);
const get = new GetSecretValueCommand({ SecretId: 'a' });
const put = new PutSecretValueCommand({
  SecretId: 'a',
  SecretString: 'two',
  ClientRequestToken: id('2'),
});

type Options = Omit<LocalSecretsManagerOptions, 'port'>;

async function overSockets(options: Options) {
  const aws = await startLocalSecretsManager({ secrets: { a: 'one' }, ...options });
  const client = localSecretsClient(aws.url);
  return {
    client,
    store: aws.store,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await aws.close();
    },
  };
}

async function directly(options: Options) {
  const store = secretsStore({ secrets: { a: 'one' }, ...options });
  return { client: directSecretsClient(store), store, async [Symbol.asyncDispose]() {} };
}

const ways = [
  ['over sockets', overSockets],
  ['directly', directly],
] as const;

const thrownBy = (client: SecretsManagerClient, command: typeof get | typeof put) =>
  client.send(command as typeof get).then(
    () => expect.unreachable('should be refused'),
    (error) => error,
  );

test.for(ways)('the SDK reads and stores values %s', async ([, start]) => {
  await using aws = await start({ now: () => 1_700_000_000_123 });

  await aws.client.send(put);
  const value = await aws.client.send(get);
  const secret = await aws.client.send(new DescribeSecretCommand({ SecretId: 'a' }));

  expect(value).toMatchObject({
    $metadata: { httpStatusCode: 200, attempts: 1 },
    SecretString: 'two',
    VersionId: id('2'),
    CreatedDate: new Date(1_700_000_000_123),
  });
  expect(secret.LastChangedDate).toEqual(new Date(1_700_000_000_123));
});

test.for(ways)('the SDK gives each value an id of its own %s', async ([, start]) => {
  await using aws = await start({});

  const { VersionId } = await aws.client.send(
    new PutSecretValueCommand({ SecretId: 'a', SecretString: 'two' }),
  );

  expect(VersionId).toMatch(/^[0-9a-f-]{36}$/);
});

test.for(ways)('refusals come as the errors of the SDK %s', async ([, start]) => {
  await using aws = await start({});

  const error = await thrownBy(aws.client, new GetSecretValueCommand({ SecretId: 'b' }));

  expect(error).toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret.",
    $fault: 'client',
    $metadata: { httpStatusCode: 400, attempts: 1 },
  });
});

const faults = [
  [throttled, 'ThrottlingException', 400],
  [denied, 'AccessDeniedException', 400],
  [internalError, 'InternalServiceError', 500],
] as const;

test.for(ways.flatMap((way) => faults.map((fault) => [...way, ...fault] as const)))(
  'faults can be scripted %s: %o',
  async ([, start, fault, name, httpStatusCode]) => {
    await using aws = await start({
      faultFor: (operation, { SecretId }) =>
        operation === 'PutSecretValue' && SecretId === 'a' ? fault : undefined,
    });

    expect(await thrownBy(aws.client, put)).toMatchObject({ name, $metadata: { httpStatusCode } });
    expect(await aws.client.send(get)).toMatchObject({ SecretString: 'one' });
  },
);

test.for(ways)('a hang-up leaves no status, and the work undone %s', async ([, start]) => {
  await using aws = await start({
    faultFor: (operation) => (operation === 'PutSecretValue' ? 'hang up' : undefined),
  });

  const { $metadata } = await thrownBy(aws.client, put);

  expect($metadata).toMatchObject({ attempts: 1 });
  expect($metadata.httpStatusCode).toBeUndefined();
  expect(await aws.client.send(get)).toMatchObject({ SecretString: 'one' });
});

const lost = [lostAnswer, { name: 'ThrottlingException', isAfterWork: true }];

test.for(ways.flatMap((way) => lost.map((fault) => [...way, fault] as const)))(
  'an answer can get lost after the work %s: %o',
  async ([, start, fault]) => {
    await using aws = await start({
      faultFor: (operation) => (operation === 'PutSecretValue' ? fault : undefined),
    });

    await thrownBy(aws.client, put);

    expect(await aws.client.send(get)).toMatchObject({ SecretString: 'two' });
  },
);

test('the direct client does not begin what is aborted', async () => {
  const store = secretsStore();

  const sent = directSecretsClient(store).send(get, { abortSignal: AbortSignal.abort() });

  await expect(sent).rejects.toMatchObject({ name: 'AbortError' });
  expect(store.requests).toEqual([]);
});

test('a rotation function may use the SDK', async () => {
  const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:rotate';
  const seen: unknown[] = [];
  await using aws = await overSockets({
    functions: {
      [functionArn]: async ({ SecretId }) =>
        seen.push((await aws.client.send(new GetSecretValueCommand({ SecretId }))).SecretString),
    },
  });

  await aws.client.send(new RotateSecretCommand({ SecretId: 'a', RotationLambdaARN: functionArn }));
  await aws.store.rotationsDone();

  expect(seen).toEqual(['one', 'one', 'one', 'one']);
});

async function post(url: string, operation: string, body: string) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `secretsmanager.${operation}`,
    },
    body,
  });
  const answer = (await response.json()) as object;
  return { status: response.status, type: response.headers.get('content-type'), ...answer };
}

test.for([
  ['CreateSecret', 'InvalidRequestException'],
  ['PutSecretValue', 'InvalidRequestException'],
  ['RotateSecret', 'InvalidParameterException'],
] as const)('%s without an id is refused: only the SDK makes one', async ([operation, name]) => {
  await using aws = await startLocalSecretsManager();

  const body = '{"SecretId":"a","Name":"a","SecretString":"one"}';
  expect(await post(aws.url, operation, body)).toEqual({
    status: 400,
    type: 'application/x-amz-json-1.1',
    __type: name,
    Message: 'You must provide a ClientRequestToken value. We recommend a UUID-type value.',
  });
});

test.for([
  ['GetSecretValue', '{', 'SerializationException'],
  ['GetSecretValue', '[]', 'SerializationException'],
  ['GetSecretValue', '{"SecretId":7}', 'SerializationException'],
  ['GetSecretValue', '{}', 'ValidationException'],
  ['GetRandomPassword', '{}', 'UnknownOperationException'],
  ['toString', '{}', 'UnknownOperationException'],
] as const)('%s with %s is a %s', async ([operation, body, name]) => {
  await using aws = await startLocalSecretsManager();

  expect(await post(aws.url, operation, body)).toMatchObject({ status: 400, __type: name });
});

test('says which operations it does not know', async () => {
  await using aws = await overSockets({});

  await expect(aws.client.send(new UpdateSecretCommand({ SecretId: 'a' }))).rejects.toMatchObject({
    name: 'UnknownOperationException',
  });
});

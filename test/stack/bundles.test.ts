import { execFile } from 'node:child_process';
import {
  globSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { errorCatalogue } from '../../functions/core/error-catalogue.ts';
import { bundleFunctions, bundle as bundleSource } from '../../infra/build.ts';
import { urlCheck } from '../../infra/local/feishu-simulator/events.ts';
import { demoApp, startFeishuSimulator } from '../../infra/local/feishu-simulator.ts';
import { startLocalSecretsManager } from '../../infra/local/secrets-manager.ts';
import { bundledFiles } from '../bundled-files.ts';

// The bundles as they are deployed, each loaded by a process of its own from a file: `node -e` has a
// global `require` that would hide a missing one.

const directory = mkdtempSync(join(tmpdir(), 'feishu-import-bundles-'));
afterAll(() => rmSync(directory, { recursive: true }));
await bundleFunctions(join(directory, 'dist'));
const bundle = (name: string) => join(directory, 'dist', `${name}.mjs`);

/** What the handler of a bundle answers, with an environment of its own. */
async function answerOf(name: string, event: object, environment: Record<string, string>) {
  const caller = join(directory, `call-${name}.mjs`);
  writeFileSync(
    caller,
    `import { handler } from './dist/${name}.mjs';
     const context = { getRemainingTimeInMillis: () => 90_000, awsRequestId: 'request' };
     const answer = await handler(${JSON.stringify(event)}, context);
     process.stdout.write('\\nanswer ' + JSON.stringify(answer ?? null) + '\\n');`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, [caller], { env: environment });
  return JSON.parse(stdout.split('\nanswer ')[1] ?? '');
}

/** Runs while a part of a bundle that is loaded on demand is not there. */
async function withoutPart(pattern: string, run: () => Promise<void>): Promise<void> {
  const [part = ''] = globSync(join(directory, 'dist', pattern));
  const away = `${part}.away`;
  renameSync(part, away);
  try {
    await run();
  } finally {
    renameSync(away, part);
  }
}

const queryEnvironment = {
  FEISHU_BASE_URL: 'https://open.feishu.cn',
  FEISHU_TIMEOUT_MS: '8000',
  FEISHU_OUTAGE_SECONDS: '900',
  PROFILE_SECRET_PREFIX: 'feishu-import/dev/',
  AWS_REGION: 'eu-central-1',
};
const apiEnvironment = {
  STATE_MACHINE_ARN: 'arn:aws:states:eu-central-1:000000000000:stateMachine:import',
  AWS_REGION: 'eu-central-1',
};

function apiEvent(routeKey: string, rest: object = {}) {
  const [method = '', path = ''] = routeKey.split(' ');
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    headers: {},
    requestContext: { requestId: 'request', http: { method, path } },
    isBase64Encoded: false,
    ...rest,
  };
}

test('query-import refuses an input by name', async () => {
  const event = {
    execution_id: 'an execution',
    started_at: new Date().toISOString(),
    input: { ticket: 7369583175086912356n.toString(), tikcet: 'x' },
    state: {},
  };

  const answer = await answerOf('query-import', event, queryEnvironment);

  expect(answer).toMatchObject({ outcome: 'failed', error: 'Input.Invalid' });
  expect(JSON.parse(answer.cause).message).toContain('tikcet');
});

test('query-import starts without the client of Secrets Manager, and loads it when a secret is needed', async () => {
  const event = {
    execution_id: 'an execution',
    started_at: new Date().toISOString(),
    input: { ticket: '1' },
    state: {},
  };
  const { PROFILE_SECRET_PREFIX, ...withoutSecrets } = queryEnvironment;

  await withoutPart('query-import.parts/aws-secrets-*.mjs', async () => {
    expect(await answerOf('query-import', event, withoutSecrets)).toMatchObject({
      error: 'Profile.Unknown',
    });
    await expect(
      answerOf('query-import', event, { ...withoutSecrets, PROFILE_SECRET_PREFIX }),
    ).rejects.toThrow('aws-secrets');
  });
});

test('query-import reads an input that is right without schemas, and loads them for one that is not', async () => {
  const { PROFILE_SECRET_PREFIX, ...withoutSecrets } = queryEnvironment;
  const event = {
    execution_id: 'an execution',
    started_at: new Date().toISOString(),
    input: { ticket: '1', timeout_seconds: 60 },
    state: {},
  };

  await withoutPart('query-import.parts/with-schemas-*.mjs', async () => {
    expect(await answerOf('query-import', event, withoutSecrets)).toMatchObject({
      error: 'Profile.Unknown',
    });
    await expect(
      answerOf('query-import', { ...event, input: { ticket: 1 } }, withoutSecrets),
    ).rejects.toThrow('with-schemas');
  });
});

test('query-import loads of Node what a request needs, and TLS before all else', async () => {
  const program = join(directory, 'loaded.mjs');
  writeFileSync(
    program,
    `const { getBuiltinModule } = process;
     const asked = [];
     process.getBuiltinModule = (id) => asked.push(id) && getBuiltinModule(id);
     await import('./dist/query-import.mjs');
     process.stdout.write(JSON.stringify({ asked, loaded: process.moduleLoadList }));`,
  );

  const { stdout } = await promisify(execFile)(process.execPath, [program]);

  const { asked, loaded } = JSON.parse(stdout);
  expect(asked[0]).toBe('node:tls');
  expect(loaded).toContain('NativeModule tls');
  for (const name of ['assert', 'http2', 'internal/deps/undici/undici']) {
    expect(loaded).not.toContain(`NativeModule ${name}`);
  }
});

test.for<[name: string, event: object, statusCode: number]>([
  ['get-import', apiEvent('$default'), 404],
  ['get-import', apiEvent('ANY /imports'), 405],
  [
    'start-import',
    apiEvent('POST /imports', { body: '{', headers: { 'content-type': 'application/json' } }),
    400,
  ],
  ['cancel-import', apiEvent('DELETE /imports/{id}', { pathParameters: { id: 'no id' } }), 404],
])('%s answers what it can without AWS', async ([name, event, statusCode]) => {
  const answer = await answerOf(name, event, apiEnvironment);

  expect(answer).toMatchObject({
    statusCode,
    headers: { 'content-type': 'application/problem+json' },
  });
});

const storeApp = {
  app_id: 'cli_store',
  app_secret: 'app-secret',
  encrypt_key: 'encrypt-key',
  verification_token: 'verification-token',
};
const inThisAccount = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };

test("receive-app-ticket answers Feishu's check of its URL, and keeps a ticket that is handed on", async () => {
  const name = 'feishu-import/dev/apps/cli_store';
  await using aws = await startLocalSecretsManager({
    secrets: { [name]: JSON.stringify(storeApp) },
  });
  const environment = {
    ...inThisAccount,
    PROFILE_SECRET_PREFIX: 'feishu-import/dev/',
    APP_TICKETS: 'both',
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
  };
  const check = apiEvent('POST /feishu/events/{app_id}', {
    pathParameters: { app_id: 'cli_store' },
    body: urlCheck(storeApp.verification_token, storeApp.encrypt_key, 'a-challenge'),
  });

  const checked = await answerOf('receive-app-ticket', check, environment);
  const ticket = { app_id: 'cli_store', app_ticket: 'a ticket' };
  const handedOn = await answerOf('receive-app-ticket', ticket, environment);

  expect(checked).toMatchObject({ statusCode: 200, body: '{"challenge":"a-challenge"}' });
  expect(handedOn).toEqual({ stored: true });
  const { SecretString = '' } = await aws.store.GetSecretValue({ SecretId: name });
  expect(JSON.parse(SecretString)).toMatchObject(ticket);
});

test('receive-app-ticket refuses what cannot be proved without the client of Secrets Manager', async () => {
  const environment = {
    PROFILE_SECRET_PREFIX: 'feishu-import/dev/',
    APP_TICKETS: 'public',
    AWS_REGION: 'eu-central-1',
  };
  const event = apiEvent('POST /feishu/events/{app_id}', {
    pathParameters: { app_id: 'cli_store' },
    body: '{"challenge":"in plain text"}',
  });

  await withoutPart('receive-app-ticket.parts/aws-secrets-*.mjs', async () => {
    expect(await answerOf('receive-app-ticket', event, environment)).toMatchObject({
      statusCode: 401,
    });
  });
});

test("renew-user-tokens has rotate-user-token renew a user's tokens", async () => {
  await using simulator = await startFeishuSimulator();
  const person = simulator.authoriseUser(demoApp.appId);
  const name = 'feishu-import/dev/person';
  const secret = {
    kind: 'user',
    app_id: demoApp.appId,
    app_secret: demoApp.appSecret,
    access_token: person.accessToken,
    // ends within the hour, so it is time
    access_token_expires_at: new Date(Date.now() + 40 * 60_000).toISOString(),
    refresh_token: person.refreshToken,
    refresh_token_expires_at: new Date(person.refreshTokenExpiresAt).toISOString(),
  };
  const rotationFunction = 'arn:aws:lambda:eu-central-1:000000000000:function:rotate';
  await using aws = await startLocalSecretsManager({
    secrets: { [name]: JSON.stringify(secret) },
    functions: { [rotationFunction]: (event) => answerOf('rotate-user-token', event, environment) },
  });
  const environment: Record<string, string> = {
    ...inThisAccount,
    FEISHU_BASE_URL: simulator.url,
    FEISHU_ALLOWED_BASE_URLS: '',
    FEISHU_USER_TOKEN_API: 'v3',
    PROFILE_SECRET_PREFIX: 'feishu-import/dev/',
    ROTATION_FUNCTION_ARN: rotationFunction,
    METRIC_NAMESPACE: 'FeishuImport/dev',
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
  };

  const report = await answerOf('renew-user-tokens', {}, environment);
  await aws.rotationsDone();

  expect(report).toEqual({ renewing: ['person'], failed: [], needing_authorisation: [] });
  const { SecretString = '' } = await aws.store.GetSecretValue({ SecretId: name });
  const renewed = JSON.parse(SecretString);
  expect(renewed).toMatchObject({ kind: 'user', app_secret: demoApp.appSecret });
  expect(simulator.issuedTokens).toContain(renewed.access_token);
  expect(renewed.refresh_token).not.toBe(person.refreshToken);
});

test('keeps every error name through minification', () => {
  const text = readFileSync(bundle('query-import'), 'utf8');

  // what the state machine says itself is no name of the function's
  for (const name of Object.keys(errorCatalogue)) expect(text).toContain(name);
});

test('builds the same bytes again, of which none tell where', async () => {
  // one that loads a part of itself on demand, and one that does not
  const names = ['query-import', 'get-import'];
  const before = names.map((name) => readFileSync(bundle(name), 'utf8'));

  await bundleFunctions(join(directory, 'again'), names);

  const again = names.map((name) => readFileSync(join(directory, 'again', `${name}.mjs`), 'utf8'));
  expect(again).toEqual(before);
  for (const text of again) expect(text).not.toContain(process.cwd());
});

test('keeps the bundles small: their size is time at every cold start', async () => {
  const { outputs } = await bundleSource('functions/query-import.ts', join(directory, 'start'));
  const [entry = ''] = Object.keys(outputs).filter((file) => file.endsWith('/query-import.mjs'));
  const atStart = [...bundledFiles(outputs, entry, ['import-statement'])];
  const bytes = atStart.reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0);

  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(100_000);
  const sources = atStart.flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}));
  expect(sources.join()).toContain('functions/feishu/node-client.ts');
  expect(sources.join()).not.toMatch(
    /node_modules|undici-client|aws-secrets|secret-profiles|check-input/,
  );

  const kilobytes = (name: string) => Math.ceil(statSync(bundle(name)).size / 1000);
  for (const name of ['start-import', 'get-import', 'cancel-import']) {
    expect(kilobytes(name)).toBeLessThan(700);
  }
  // Feishu waits a second for the answer to its check of the URL
  expect(kilobytes('receive-app-ticket')).toBeLessThan(100);
  // of no SDK but that of Secrets Manager, and undici where Feishu is called
  expect(kilobytes('renew-user-tokens')).toBeLessThan(500);
  expect(kilobytes('rotate-user-token')).toBeLessThan(600);
});

import { expect, test } from 'vitest';
import { profileFromConfig, profilesOnDemand } from '../../functions/credentials/profiles.ts';
import { profilesFromSecrets } from '../../functions/credentials/secret-profiles.ts';
import { secretsManager } from '../../functions/credentials/secret-store.ts';
import { httpSender } from '../../functions/feishu/http.ts';
import {
  demoApp,
  type FeishuSimulator,
  startFeishuSimulator,
} from '../../infra/local/feishu-simulator.ts';

import { startSecretsManager } from './secrets-manager.ts';

const ticket = '7369583175086912356';

const soon = () => Date.now() + 5000;

const connection = { send: httpSender({ timeoutMs: 2000, now: Date.now }), now: Date.now };

function findProfile({ url: baseUrl }: FeishuSimulator, app: typeof demoApp | undefined = demoApp) {
  const profile = profileFromConfig({ app, baseUrl }, connection)('default');
  if (profile.kind !== 'profile') throw new Error(profile.reason);
  return profile;
}

test('asks Feishu as the app that is set, as profile default', async () => {
  await using simulator = await startFeishuSimulator();
  simulator.script(ticket, { replies: [{ result: { job_status: 2 } }] });

  expect(await findProfile(simulator).queryImport(ticket, soon())).toMatchObject({
    answer: { jobStatus: 2 },
    accessToken: 'tenant',
  });
});

test('keeps one token for all who ask with a profile', async () => {
  await using simulator = await startFeishuSimulator();
  simulator.script(ticket, { replies: [{ result: { job_status: 2 } }] });
  const profiles = profileFromConfig({ app: demoApp, baseUrl: simulator.url }, connection);

  for (const profile of [profiles('default'), profiles('default')]) {
    if (profile.kind === 'profile') await profile.queryImport(ticket, soon());
  }

  expect(simulator.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET']);
});

test('sends nothing before somebody asks', async () => {
  await using simulator = await startFeishuSimulator();

  findProfile(simulator);

  expect(simulator.requests).toEqual([]);
});

const anywhere = { baseUrl: 'https://open.feishu.cn' };

test('says which profile there is when asked for another', () => {
  expect(profileFromConfig({ ...anywhere, app: demoApp }, connection)('finance')).toEqual({
    kind: 'no_profile',
    reason: 'there is no profile "finance", only "default"',
    reasonZh: expect.stringContaining('"finance"'),
  });
});

test('says what is not set when there is no app', () => {
  expect(profileFromConfig({ ...anywhere, app: undefined }, connection)('default')).toEqual({
    kind: 'no_profile',
    reason: 'FEISHU_APP_ID and FEISHU_APP_SECRET are not set',
    reasonZh: expect.stringContaining('FEISHU_APP_SECRET'),
  });
});

test('loads the profiles once, and not before one of them is asked with', async () => {
  const loaded: string[] = [];
  const answer = { kind: 'no_profile', reason: 'none' } as const;
  const profiles = profilesOnDemand(async () => {
    loaded.push('once');
    return (name) => ({
      kind: 'profile',
      async queryImport(ticket) {
        loaded.push(`${name} ${ticket}`);
        return { answer, accessToken: 'tenant' };
      },
    });
  });

  const [one, two] = [profiles('one'), profiles('two')];
  expect(loaded).toEqual([]);
  for (const profile of [one, two]) {
    expect(profile.kind === 'profile' && (await profile.queryImport('7', soon()))).toMatchObject({
      answer,
    });
  }
  expect(loaded).toEqual(['once', 'one 7', 'two 7']);
});

const secretOf = ({ appId, appSecret } = demoApp) =>
  JSON.stringify({ kind: 'custom', app_id: appId, app_secret: appSecret });

async function startWithSecrets(secrets: Record<string, string>) {
  const simulator = await startFeishuSimulator();
  simulator.script(ticket, { replies: [{ result: { job_status: 2 } }] });
  const aws = await startSecretsManager(secrets);
  const readSecret = secretsManager(aws.client);
  const source = { prefix: 'feishu/', readSecret, versions: undefined, baseUrl: simulator.url };
  const profiles = profilesFromSecrets(source, connection);
  return {
    simulator,
    aws,
    async query(name: string) {
      return (await profiles(name).queryImport(ticket, soon())).answer;
    },
    async [Symbol.asyncDispose]() {
      await aws[Symbol.asyncDispose]();
      await simulator.close();
    },
  };
}

test('asks Feishu with the secret of the profile that is named', async () => {
  await using started = await startWithSecrets({ 'feishu/finance': secretOf() });

  expect(await started.query('finance')).toMatchObject({ kind: 'result', jobStatus: 2 });
  expect(started.aws.reads).toEqual(['feishu/finance']);
});

test('reads a secret and asks for a token once for two hundred who need them', async () => {
  await using started = await startWithSecrets({ 'feishu/default': secretOf() });

  const answers = await Promise.all(Array.from({ length: 200 }, () => started.query('default')));

  expect(answers.every(({ kind }) => kind === 'result')).toBe(true);
  expect(started.aws.reads).toHaveLength(1);
  expect(started.simulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('reads no secret while a token is at hand', async () => {
  await using started = await startWithSecrets({ 'feishu/default': secretOf() });

  for (let query = 0; query < 3; query++) await started.query('default');

  expect(started.aws.reads).toHaveLength(1);
});

test('reads the secret again after Feishu has refused the token', async () => {
  await using started = await startWithSecrets({ 'feishu/default': secretOf() });
  await started.query('default');
  started.simulator.expireTokens();

  expect(await started.query('default')).toMatchObject({ kind: 'result' });
  expect(started.aws.reads).toHaveLength(2);
});

test('finds a secret that was mended since', async () => {
  await using started = await startWithSecrets({ 'feishu/default': 'no JSON' });
  expect(await started.query('default')).toMatchObject({ kind: 'no_profile' });

  started.aws.secrets['feishu/default'] = secretOf();

  expect(await started.query('default')).toMatchObject({ kind: 'result' });
});

test('knows no profile without a secret, and asks Feishu nothing', async () => {
  await using started = await startWithSecrets({});

  expect(await started.query('finance')).toMatchObject({
    kind: 'no_profile',
    reason: 'the secret feishu/finance does not exist',
  });
  expect(started.simulator.requests).toEqual([]);
});

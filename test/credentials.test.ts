import { expect, test } from 'vitest';
import { profilesFromConfig } from '../functions/credentials.ts';
import { httpSender } from '../functions/feishu/http.ts';
import {
  demoApp,
  type FeishuSimulator,
  startFeishuSimulator,
} from '../infra/local/feishu-simulator.ts';

const ticket = '7369583175086912356';

const soon = () => Date.now() + 5000;

const connect = (simulator: FeishuSimulator) => ({
  baseUrl: simulator.url,
  send: httpSender({ timeoutMs: 2000, now: Date.now }),
  now: Date.now,
});

async function findProfile(simulator: FeishuSimulator, app = demoApp) {
  const profile = await profilesFromConfig({ app }, connect(simulator))('default', soon());
  if (profile.kind !== 'profile') throw new Error(profile.reason);
  return profile;
}

test('asks Feishu as the app that is set, as profile default', async () => {
  await using simulator = await startFeishuSimulator();
  simulator.script(ticket, { replies: [{ result: { job_status: 2 } }] });

  const { queryImport, accessToken } = await findProfile(simulator);

  expect(accessToken).toBe('tenant');
  expect(await queryImport(ticket, soon())).toMatchObject({ jobStatus: 2 });
});

test('keeps one token for all who ask with a profile', async () => {
  await using simulator = await startFeishuSimulator();
  simulator.script(ticket, { replies: [{ result: { job_status: 2 } }] });
  const profiles = profilesFromConfig({ app: demoApp }, connect(simulator));

  for (const profile of [await profiles('default', soon()), await profiles('default', soon())]) {
    if (profile.kind === 'profile') await profile.queryImport(ticket, soon());
  }

  expect(simulator.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET']);
});

test('sends nothing before somebody asks', async () => {
  await using simulator = await startFeishuSimulator();

  await findProfile(simulator);

  expect(simulator.requests).toEqual([]);
});

test('says which profile there is when asked for another', async () => {
  await using simulator = await startFeishuSimulator();

  expect(await profilesFromConfig({ app: demoApp }, connect(simulator))('finance', soon())).toEqual(
    {
      kind: 'no_profile',
      reason: 'there is no profile "finance", only "default"',
      reasonZh: expect.stringContaining('"finance"'),
    },
  );
});

test('says what is not set when there is no app', async () => {
  await using simulator = await startFeishuSimulator();

  expect(
    await profilesFromConfig({ app: undefined }, connect(simulator))('default', soon()),
  ).toEqual({
    kind: 'no_profile',
    reason: 'FEISHU_APP_ID and FEISHU_APP_SECRET are not set',
    reasonZh: expect.stringContaining('FEISHU_APP_SECRET'),
  });
});

import { request } from 'undici';
import { expect, test } from 'vitest';
import { appTicketStore } from '../functions/credentials/app-ticket-store.ts';
import { secretVersions } from '../functions/credentials/secret-versions.ts';
import { receiveAppTicket, type TicketDependencies } from '../functions/receive-app-ticket.ts';
import { startLocalApi } from '../infra/local/api-gateway.ts';
import {
  appTicketEvent,
  encryptEvent,
  signedHeaders,
  urlCheck,
} from '../infra/local/feishu-simulator/events.ts';
import { type IsvApp, startFeishuSimulator } from '../infra/local/feishu-simulator.ts';
import { directSecretsClient } from '../infra/local/secrets-manager/client.ts';
import {
  denied,
  type FaultFor,
  internalError,
  lostAnswer,
  throttled,
} from '../infra/local/secrets-manager/scripted-faults.ts';
import { secretsStore } from '../infra/local/secrets-manager/store.ts';

const app: IsvApp = {
  appId: 'cli_store',
  appSecret: 'RECOGNISABLE-app-secret',
  encryptKey: 'RECOGNISABLE-encrypt-key',
  verificationToken: 'RECOGNISABLE-verification-token',
  tenantKeys: [],
};
const otherApp: IsvApp = { ...app, appId: 'cli_other', encryptKey: 'RECOGNISABLE-other-key' };
const secretName = 'feishu/apps/cli_store';
const secret = {
  app_id: app.appId,
  app_secret: app.appSecret,
  encrypt_key: app.encryptKey,
  verification_token: app.verificationToken,
};

const now = 1_700_000_000_000;

type Options = {
  held?: object;
  config?: TicketDependencies['config'];
  faultFor?: FaultFor;
};

const publicAndPrivate = { isPublic: true, isPrivate: true };

/** The function behind API Gateway on a socket, over Secrets Manager in memory. */
async function start({ held = secret, config = publicAndPrivate, faultFor }: Options = {}) {
  const aws = secretsStore({
    secrets: { [secretName]: JSON.stringify(held) },
    ...(faultFor && { faultFor }),
  });
  const client = directSecretsClient(aws);
  const logged: unknown[] = [];
  const receive = receiveAppTicket({
    config,
    store: appTicketStore(
      'feishu/',
      secretVersions(client, () => now),
    ),
    now: () => now,
    log: (entry) => logged.push(entry),
  });
  const lambda = { getRemainingTimeInMillis: () => 5000 };
  const api = await startLocalApi({
    'POST /feishu/events/{app_id}': async (event) => {
      const answer = await receive(event, lambda);
      if ('stored' in answer) throw new Error('taken for a direct invocation');
      return answer;
    },
  });
  const urlOf = (appId: string) => `${api.url}/feishu/events/${appId}`;

  return {
    url: urlOf(app.appId),
    aws,
    logged,
    handOn: (event: unknown) => receive(event, lambda),
    async post({ headers = {}, body, appId = app.appId }: Posted) {
      const answer = await request(urlOf(appId), {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
        body,
      });
      return {
        status: answer.statusCode,
        headers: answer.headers,
        text: await answer.body.text(),
      };
    },
    /** All versions that the secret has ever had, and what the current one holds. */
    async kept() {
      const { Versions = [] } = await aws.ListSecretVersionIds({
        SecretId: secretName,
        IncludeDeprecated: true,
      });
      const { SecretString = '' } = await aws.GetSecretValue({ SecretId: secretName });
      return { versions: Versions.length, held: JSON.parse(SecretString) };
    },
    [Symbol.asyncDispose]: api.close,
  };
}

type Posted = { headers?: Record<string, string>; body: string | Buffer; appId?: string };
type Signing = { key?: string; timestamp?: number | string; nonce?: string };

const seconds = now / 1000;

function signed(
  body: string,
  { key = app.encryptKey, timestamp = seconds, nonce = 'n-1' }: Signing = {},
) {
  return { body, headers: signedHeaders(body, key, { timestamp, nonce }) };
}

const encrypted = (event: unknown) => encryptEvent(event, app.encryptKey);
const ticketEvent = (ticket = 'RECOGNISABLE-ticket', sentAt = now) =>
  appTicketEvent(app, ticket, sentAt);
const honest = (signing?: Signing) => signed(encrypted(ticketEvent()), signing);

const withHeader = (posted: ReturnType<typeof honest>, name: string, value: string | undefined) => {
  const headers = Object.entries({ ...posted.headers, [name]: value });
  return {
    ...posted,
    headers: Object.fromEntries(
      headers.filter((header): header is [string, string] => header[1] !== undefined),
    ),
  };
};

const cutShort = (bytes: number) => {
  const { encrypt } = JSON.parse(encrypted(ticketEvent()));
  const whole = Buffer.from(encrypt, 'base64');
  return JSON.stringify({ encrypt: whole.subarray(0, -bytes).toString('base64') });
};

/** Still base64. */
const withByteChanged = (body: string) =>
  `${body.slice(0, 40)}${body[40] === 'A' ? 'B' : 'A'}${body.slice(41)}`;
const nothingStored = { versions: 1, held: secret };

test('stores the ticket of an honest event beside what the secret held', async () => {
  await using started = await start();

  const answer = await started.post(honest());

  expect(answer).toMatchObject({ status: 200, text: '{}' });
  expect(await started.kept()).toEqual({
    versions: 2,
    held: {
      ...secret,
      app_ticket: 'RECOGNISABLE-ticket',
      app_ticket_pushed_at: '2023-11-14T22:13:20.000Z',
    },
  });
  expect(started.logged).toEqual([
    { message: 'app_ticket', app_id: 'cli_store', outcome: 'stored' },
  ]);
});

test.for<[string, () => Posted, number, string | undefined]>([
  ['an event without a signature', () => ({ body: encrypted(ticketEvent()) }), 401, 'unsigned'],
  [
    'an event with a timestamp alone',
    () => withHeader(honest(), 'x-lark-signature', undefined),
    401,
    'unsigned',
  ],
  [
    'an event with a wrong signature',
    () => withHeader(honest(), 'x-lark-signature', '0'.repeat(64)),
    401,
    'forged',
  ],
  ['an event signed with another encrypt key', () => honest({ key: 'other' }), 401, 'forged'],
  [
    'an event with one byte of its body changed',
    () => {
      const posted = honest();
      return { ...posted, body: withByteChanged(posted.body) };
    },
    401,
    'forged',
  ],
  [
    'an event with a space before its body',
    () => {
      const posted = honest();
      return { ...posted, body: ` ${posted.body}` };
    },
    401,
    'forged',
  ],
  [
    'an event with another timestamp',
    () => withHeader(honest(), 'x-lark-request-timestamp', String(seconds + 1)),
    401,
    'forged',
  ],
  [
    'an event with another nonce',
    () => withHeader(honest(), 'x-lark-request-nonce', 'n-2'),
    401,
    'forged',
  ],
  [
    'an event without its nonce',
    () => withHeader(honest(), 'x-lark-request-nonce', undefined),
    401,
    'forged',
  ],
  [
    'an event that is too old',
    () => honest({ timestamp: seconds - 301 }),
    401,
    'unreadable or stale',
  ],
  [
    'an event from the future',
    () => honest({ timestamp: seconds + 301 }),
    401,
    'unreadable or stale',
  ],
  [
    'an event whose timestamp is no number',
    () => honest({ timestamp: 'now' }),
    401,
    'unreadable or stale',
  ],
  [
    'an event whose timestamp is not whole',
    () => honest({ timestamp: seconds + 0.5 }),
    401,
    'unreadable or stale',
  ],
  [
    'an event with a wrong verification token',
    () => signed(encrypted({ ...ticketEvent(), token: 'other' })),
    401,
    'wrong token',
  ],
  [
    'an event without a verification token',
    () => signed(encrypted({ ...ticketEvent(), token: undefined })),
    401,
    'unreadable',
  ],
  [
    'an event of another app',
    () => signed(encrypted(appTicketEvent({ ...app, appId: 'cli_other' }, 'g-1', now))),
    401,
    'the event is of another app',
  ],
  [
    "another app's own event",
    () => {
      const body = encryptEvent(appTicketEvent(otherApp, 'g-1', now), otherApp.encryptKey);
      return signed(body, { key: otherApp.encryptKey });
    },
    401,
    'forged',
  ],
  [
    'an event encrypted with another key',
    () => signed(encryptEvent(ticketEvent(), 'other')),
    401,
    'unreadable',
  ],
  ['an event cut short by a block', () => signed(cutShort(16)), 401, 'unreadable'],
  ['an event cut short by a byte', () => signed(cutShort(1)), 401, 'unreadable'],
  [
    'an event that is no base64',
    () => signed('{"encrypt":"not base64!"}'),
    401,
    'unreadable or stale',
  ],
  [
    'an event in plain text',
    () => signed(JSON.stringify(ticketEvent())),
    401,
    'unreadable or stale',
  ],
  [
    'an event that is plain text inside',
    () => signed(encrypted('RECOGNISABLE')),
    401,
    'unreadable',
  ],
  ['no JSON', () => signed('RECOGNISABLE'), 401, 'unreadable or stale'],
  ['no body', () => ({ body: '' }), 401, 'unreadable or stale'],
  ['lists in lists without end', () => signed('['.repeat(60_000)), 401, 'unreadable or stale'],
  [
    'objects in objects without end',
    () => signed(`${'{"encrypt":'.repeat(5000)}`),
    401,
    'unreadable or stale',
  ],
  [
    'an event for an app that is not known',
    () => ({ ...honest(), appId: 'cli_unknown' }),
    401,
    'the secret feishu/apps/cli_unknown does not exist',
  ],
  [
    'an event for what is no id of an app',
    () => ({ ...honest(), appId: '..%2Fdefault' }),
    404,
    undefined,
  ],
  [
    'a check of the URL with a wrong token',
    () => ({ body: urlCheck('other', app.encryptKey, 'c-1') }),
    401,
    'wrong token',
  ],
  [
    'a check of the URL with another key',
    () => ({ body: urlCheck(app.verificationToken, 'other', 'c-1') }),
    401,
    'unreadable',
  ],
  [
    'a check of the URL in plain text',
    () => ({
      body: JSON.stringify({
        type: 'url_verification',
        token: app.verificationToken,
        challenge: 'c-1',
      }),
    }),
    401,
    'unreadable or stale',
  ],
])('%s is refused, stores nothing and tells nothing', async ([, posted, status, reason]) => {
  await using started = await start();

  const answer = await started.post(posted());

  expect(answer.status).toBe(status);
  expect(started.logged).toMatchObject(reason ? [{ message: 'event refused', reason }] : []);
  expect(JSON.stringify([answer, started.logged])).not.toContain('RECOGNISABLE');
  expect(await started.kept()).toEqual(nothingStored);
});

test('tells all that are refused the same', async () => {
  await using started = await start();

  const refused = [
    await started.post(honest({ key: 'other' })),
    await started.post(honest({ timestamp: seconds - 301 })),
    await started.post(signed(encrypted({ ...ticketEvent(), token: 'other' }))),
    await started.post({ ...honest(), appId: 'cli_unknown' }),
  ];

  expect(new Set(refused.map(({ text }) => text)).size).toBe(1);
});

test.for([
  ['cannot be understood', { ...secret, RECOGNISABLE: 1 }, 'cannot be understood'],
  ['lacks the encrypt key', { ...secret, encrypt_key: undefined }, 'lacks encrypt_key'],
  [
    'lacks the verification token',
    { ...secret, verification_token: undefined },
    'lacks encrypt_key',
  ],
  ['is of another app', { ...secret, app_id: 'cli_other' }, 'is of another app'],
] as const)('an event is refused where the secret %s', async ([, held, reason]) => {
  await using started = await start({ held });

  const answers = [
    await started.post(honest()),
    await started.post({ body: urlCheck(app.verificationToken, app.encryptKey, 'c-1') }),
  ];

  expect(answers.map(({ status }) => status)).toEqual([401, 401]);
  expect(started.logged).toMatchObject([
    { reason: expect.stringContaining(reason) },
    { reason: expect.stringContaining(reason) },
  ]);
  expect(JSON.stringify([answers, started.logged])).not.toContain('RECOGNISABLE');
  expect(await started.kept()).toMatchObject({ versions: 1 });
});

test('an event of more than 64 KiB is refused before any secret is read', async () => {
  await using started = await start();
  const largest = 64 * 1024;

  const answers = [
    await started.post(signed('A'.repeat(largest))),
    await started.post(signed('A'.repeat(largest + 1))),
    await started.post(signed(`{"encrypt":"${'A'.repeat(largest)}"}`)),
  ];

  expect(answers.map(({ status }) => status)).toEqual([401, 413, 413]);
  expect(started.aws.requests).toEqual([]);
});

test.for([
  ['too old', honest({ timestamp: seconds - 301 })],
  ['in plain text', signed(JSON.stringify(ticketEvent()))],
  ['for no app', { ...honest(), appId: 'cli.store' }],
] as const)('an event %s costs no read of the secret', async ([, posted]) => {
  await using started = await start();

  await started.post(posted);

  expect(started.aws.requests).toEqual([]);
});

test('a replayed event is taken and stores nothing', async () => {
  await using started = await start();
  const posted = honest();
  await started.post(posted);
  const stored = await started.kept();

  const replayed = await started.post(posted);

  expect(replayed.status).toBe(200);
  expect(await started.kept()).toEqual(stored);
  expect(started.logged).toMatchObject([{ outcome: 'stored' }, { outcome: 'not_newer' }]);
});

test('an event that is delivered twice at once makes one version', async () => {
  await using started = await start();
  const posted = honest();

  const answers = await Promise.all([started.post(posted), started.post(posted)]);

  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(await started.kept()).toMatchObject({ versions: 2 });
});

test('an older ticket after a newer one stores nothing', async () => {
  await using started = await start();
  await started.post(signed(encrypted(ticketEvent('g-newer', now))));

  const late = await started.post(signed(encrypted(ticketEvent('g-older', now - 1))));

  expect(late.status).toBe(200);
  expect(await started.kept()).toMatchObject({ versions: 2, held: { app_ticket: 'g-newer' } });
});

test('a replay of the ticket before the newest stores nothing', async () => {
  await using started = await start();
  const first = signed(encrypted(ticketEvent('g-1', now - 60_000)));
  await started.post(first);
  await started.post(signed(encrypted(ticketEvent('g-2', now))));

  await started.post(first);

  expect(await started.kept()).toMatchObject({ versions: 3, held: { app_ticket: 'g-2' } });
});

test.for([
  ['of the first generation', { ...ticketEvent(), event: { type: 'app_open', app_id: app.appId } }],
  [
    'of the second generation',
    {
      schema: '2.0',
      header: { event_type: 'drive.file.edit_v1', token: app.verificationToken },
      event: {},
    },
  ],
])('another event %s is accepted and ignored', async ([, event]) => {
  await using started = await start();

  const answer = await started.post(signed(encrypted(event)));

  expect(answer).toMatchObject({ status: 200, text: '{}' });
  expect(await started.kept()).toEqual(nothingStored);
});

test('stores the ticket of an event of the second generation', async () => {
  await using started = await start();
  const event = {
    schema: '2.0',
    header: { event_type: 'app_ticket', token: app.verificationToken, create_time: String(now) },
    event: { app_id: app.appId, app_ticket: 'g-2' },
  };

  expect(await started.post(signed(encrypted(event)))).toMatchObject({ status: 200 });
  expect(await started.kept()).toMatchObject({ held: { app_ticket: 'g-2' } });
});

test('takes an event whose body API Gateway passes on in base64', async () => {
  await using started = await start();
  const { body, headers } = honest();
  const contentType = { 'content-type': 'application/octet-stream' };

  const answers = [
    await started.post({ body: withByteChanged(body), headers: { ...headers, ...contentType } }),
    await started.post({ body, headers: { ...headers, ...contentType } }),
  ];

  expect(answers.map(({ status }) => status)).toEqual([401, 200]);
  expect(await started.kept()).toMatchObject({ versions: 2 });
});

test('takes headers that are written in capitals, as API Gateway writes them', async () => {
  await using started = await start();
  const { body, headers } = honest();
  const inCapitals = Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]);

  const answer = await started.post({ body, headers: Object.fromEntries(inCapitals) });

  expect(answer.status).toBe(200);
  expect(await started.kept()).toMatchObject({ versions: 2 });
});

test('answers the check of the URL that Feishu makes, and stores nothing', async () => {
  await using started = await start();
  const eventUrl = started.url;
  await using simulator = await startFeishuSimulator({ isvApps: [{ ...app, eventUrl }] });

  const { status, challenge } = await simulator.checkEventUrl(app.appId);

  expect([status, challenge]).toEqual([200, expect.stringMatching(/^[0-9a-f]{32}$/)]);
  expect(started.logged).toEqual([{ message: 'url check', app_id: 'cli_store' }]);
  expect(await started.kept()).toEqual(nothingStored);
});

test('keeps the newest of the tickets that Feishu pushes', async () => {
  await using started = await start();
  const isvApps = [{ ...app, eventUrl: started.url }];
  let sentAt = now - 2000;
  await using simulator = await startFeishuSimulator({ isvApps, now: () => (sentAt += 1000) });

  await simulator.pushAppTicket(app.appId);
  await simulator.pushAppTicket(app.appId);

  expect(await started.kept()).toMatchObject({
    versions: 3,
    held: { app_ticket: simulator.newestAppTicket(app.appId) },
  });
});

const onPut =
  (fault: ReturnType<FaultFor>): FaultFor =>
  (operation) =>
    operation === 'PutSecretValue' ? fault : undefined;

test.for([
  ['cannot be read', () => throttled],
  ['may not be read', () => denied],
  ['hangs up', () => 'hang up' as const],
  ['cannot be written', onPut(internalError)],
  ['may not be written', onPut(denied)],
  ['does not answer once it is written', onPut(lostAnswer)],
] as const)('asks to send an event again where the secret %s', async ([, faultFor]) => {
  await using started = await start({ faultFor });

  const answer = await started.post(honest());

  expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  expect(started.logged).toMatchObject([{ message: 'no access to the secret' }]);
  expect(JSON.stringify([answer, started.logged])).not.toContain('RECOGNISABLE');
});

test('an event that is sent again after an answer got lost is taken', async () => {
  let puts = 0;
  await using started = await start({
    faultFor: (operation) =>
      operation === 'PutSecretValue' && puts++ === 0 ? lostAnswer : undefined,
  });
  const posted = honest();

  const answers = [await started.post(posted), await started.post(posted)];

  expect(answers.map(({ status }) => status)).toEqual([503, 200]);
  expect(await started.kept()).toMatchObject({ versions: 2 });
});

test('knows no app where events are not public', async () => {
  await using started = await start({ config: { isPublic: false, isPrivate: true } });

  const answer = await started.post(honest());

  expect(answer).toMatchObject({ status: 404 });
  expect(started.aws.requests).toEqual([]);
});

const handedOn = { app_id: app.appId, app_ticket: 'RECOGNISABLE-ticket' };

test('stores a ticket that is handed on, and says so', async () => {
  await using started = await start({ config: { isPublic: false, isPrivate: true } });

  expect(await started.handOn(handedOn)).toEqual({ stored: true });
  expect(await started.kept()).toMatchObject({
    versions: 2,
    held: { ...secret, app_ticket: 'RECOGNISABLE-ticket' },
  });
  expect(JSON.stringify(started.logged)).not.toContain('RECOGNISABLE');
});

test('a ticket that is handed on needs no encrypt key', async () => {
  const { app_id, app_secret } = secret;
  await using started = await start({ held: { app_id, app_secret } });

  expect(await started.handOn(handedOn)).toEqual({ stored: true });
});

test.for([
  ['the same ticket again', handedOn],
  [
    'a ticket that was pushed before',
    { ...handedOn, app_ticket: 'g-0', pushed_at: '2023-11-14T22:13:19Z' },
  ],
] as const)('does not store %s, and says so', async ([, second]) => {
  await using started = await start();
  await started.handOn(handedOn);

  expect(await started.handOn(second)).toEqual({ stored: false });
  expect(await started.kept()).toMatchObject({ versions: 2 });
});

test.for<[string, object, Options, string]>([
  [
    'for an app without a secret',
    { ...handedOn, app_id: 'cli_unknown' },
    {},
    'the secret feishu/apps/cli_unknown does not exist',
  ],
  [
    'for a secret of another app',
    handedOn,
    { held: { ...secret, app_id: 'cli_other' } },
    'is of another app',
  ],
  [
    'while Secrets Manager throttles',
    handedOn,
    { faultFor: onPut(throttled) },
    'could not be stored (ThrottlingException)',
  ],
  [
    'that may not be written',
    handedOn,
    { faultFor: onPut(denied) },
    'could not be stored (AccessDeniedException)',
  ],
  ['with a key too many', { ...handedOn, token: 'RECOGNISABLE' }, {}, 'it must be {"app_id"'],
  [
    'where none is taken',
    handedOn,
    { config: { isPublic: true, isPrivate: false } },
    'taken from events alone',
  ],
])('fails on a ticket %s, and tells why without showing it', async ([, event, options, words]) => {
  await using started = await start(options);

  const error = await started.handOn(event).catch((thrown: unknown) => thrown);

  expect(error).toMatchObject({ message: expect.stringContaining(words) });
  expect(String(error)).not.toContain('RECOGNISABLE');
  expect(await started.kept()).toMatchObject({ versions: 1 });
});

test('leaves the secret half a second before its time is up, to answer', async () => {
  const deadlines: number[] = [];
  const receive = receiveAppTicket({
    config: publicAndPrivate,
    store: {
      find: async () => ({ kind: 'fault', fault: 'unused' }),
      async store(_, deadline) {
        deadlines.push(deadline);
        return { kind: 'stored' };
      },
    },
    now: () => now,
  });

  await receive(handedOn, { getRemainingTimeInMillis: () => 5000 });

  expect(deadlines).toEqual([now + 4500]);
});

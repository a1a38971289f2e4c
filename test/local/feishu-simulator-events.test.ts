import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import * as lark from '@larksuiteoapi/node-sdk';
import { request } from 'undici';
import { expect, test, vi } from 'vitest';
import {
  appTicketEvent,
  encryptEvent,
  signedHeaders,
} from '../../infra/local/feishu-simulator/events.ts';
import {
  type FeishuSimulatorOptions,
  type IsvApp,
  startFeishuSimulator,
} from '../../infra/local/feishu-simulator.ts';

const app: IsvApp = {
  appId: 'cli_store',
  appSecret: 'store-secret',
  encryptKey: 'kudryavka',
  verificationToken: '41a9425ea7df4536a7623e38fa321bae',
  tenantKeys: ['2ed263bf32cf1651'],
};

async function listen(listener: RequestListener) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    eventUrl: `http://127.0.0.1:${port}/events`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

type ReceivedEvent = { headers: IncomingHttpHeaders; body: string };

/** A place for events that gives each the same answer. */
async function receive(status = 200, body = '{}') {
  const events: ReceivedEvent[] = [];
  const server = await listen(async (incoming, response) => {
    events.push({ headers: incoming.headers, body: await text(incoming) });
    response.writeHead(status).end(body);
  });
  return { ...server, events };
}

const startFor = (eventUrl: string, options?: FeishuSimulatorOptions) =>
  startFeishuSimulator({ isvApps: [{ ...app, eventUrl }], ...options });

const decrypt = (body: string, encryptKey = app.encryptKey) =>
  JSON.parse(new lark.AESCipher(encryptKey).decrypt(JSON.parse(body).encrypt));

test('pushes a ticket as the documentation shows the event', async () => {
  await using place = await receive();
  await using simulator = await startFor(place.eventUrl, { now: () => 1_502_199_207_717 });

  const status = await simulator.pushAppTicket(app.appId);

  expect(status).toBe(200);
  expect(decrypt(place.events[0]?.body ?? '')).toEqual({
    ts: '1502199207.7170000',
    uuid: expect.stringMatching(/^[0-9a-f]{32}$/),
    token: app.verificationToken,
    type: 'event_callback',
    event: {
      app_id: app.appId,
      app_ticket: simulator.newestAppTicket(app.appId),
      type: 'app_ticket',
    },
  });
});

test('signs an event with its time, its nonce, the key and the body as it is sent', async () => {
  await using place = await receive();
  await using simulator = await startFor(place.eventUrl, { now: () => 1_502_199_207_717 });

  await simulator.pushAppTicket(app.appId);

  const { headers, body } = place.events[0] as ReceivedEvent;
  const nonce = headers['x-lark-request-nonce'];
  const signed = `1502199207${nonce}${app.encryptKey}${body}`;
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(headers['x-lark-request-timestamp']).toBe('1502199207');
  expect(headers['x-lark-signature']).toBe(createHash('sha256').update(signed).digest('hex'));
});

test('makes each push another ticket and another event, in order even within a millisecond', async () => {
  await using place = await receive();
  await using simulator = await startFor(place.eventUrl, { now: () => 1_502_199_207_717 });

  await simulator.pushAppTicket(app.appId);
  await simulator.pushAppTicket(app.appId);

  const [first, second] = place.events.map(({ body }) => decrypt(body));
  expect(second.event.app_ticket).not.toBe(first.event.app_ticket);
  expect(second.uuid).not.toBe(first.uuid);
  expect(Number(second.ts)).toBeGreaterThan(Number(first.ts));
  expect(place.events[1]?.headers['x-lark-request-nonce']).not.toBe(
    place.events[0]?.headers['x-lark-request-nonce'],
  );
});

test('encrypts the same event in another way each time', () => {
  const event = { type: 'event_callback' };

  const bodies = [encryptEvent(event, 'one'), encryptEvent(event, 'one')];

  expect(bodies[0]).not.toBe(bodies[1]);
  expect(bodies.map((body) => decrypt(body, 'one'))).toEqual([event, event]);
});

test('tells the status that a push got', async () => {
  await using place = await receive(500);
  await using simulator = await startFor(place.eventUrl);

  expect(await simulator.pushAppTicket(app.appId)).toBe(500);
});

test('pushes to another event URL once it is set, in this simulator alone', async () => {
  await using place = await receive();
  const isvApps = [{ ...app }];
  await using simulator = await startFeishuSimulator({ isvApps });
  await expect(simulator.pushAppTicket(app.appId)).rejects.toThrow('no event URL');

  simulator.setEventUrl(app.appId, place.eventUrl);

  expect(await simulator.pushAppTicket(app.appId)).toBe(200);
  expect(isvApps).toEqual([app]);
});

test('cannot push to an app that is no store app', async () => {
  await using simulator = await startFeishuSimulator();

  await expect(simulator.pushAppTicket('cli_simulator')).rejects.toThrow('cli_simulator');
  await expect(simulator.checkEventUrl('cli_simulator')).rejects.toThrow('cli_simulator');
  expect(() => simulator.setEventUrl('cli_simulator', '')).toThrow('cli_simulator');
});

test('checks an event URL, encrypted and without a signature', async () => {
  await using place = await receive(200, '{"challenge":"x"}');
  await using simulator = await startFor(place.eventUrl);

  const check = await simulator.checkEventUrl(app.appId);

  expect(check).toEqual({ status: 200, challenge: 'x', milliseconds: expect.any(Number) });
  const { headers, body } = place.events[0] as ReceivedEvent;
  expect(Object.keys(headers).filter((name) => name.startsWith('x-lark'))).toEqual([]);
  expect(decrypt(body)).toEqual({
    challenge: expect.any(String),
    token: app.verificationToken,
    type: 'url_verification',
  });
  expect(simulator.newestAppTicket(app.appId)).toBeUndefined();
});

test.for([['not JSON'], ['null'], ['{}']])('finds no challenge in %s', async ([body]) => {
  await using place = await receive(404, body);
  await using simulator = await startFor(place.eventUrl);

  expect(await simulator.checkEventUrl(app.appId)).toMatchObject({
    status: 404,
    challenge: undefined,
  });
});

test('ends a push when it closes', async () => {
  const arrived = Promise.withResolvers<void>();
  await using place = await listen(() => arrived.resolve());
  await using simulator = await startFor(place.eventUrl);
  const push = simulator.pushAppTicket(app.appId);
  const refused = expect(push).rejects.toMatchObject({ code: 'UND_ERR_DESTROYED' });
  await arrived.promise;

  await simulator.close();

  await refused;
});

// an HTTP proxy in the environment must not come between the SDK and this machine
lark.defaultHttpInstance.defaults.proxy = false;

const silent = () => {};
const logger = { error: silent, warn: silent, info: silent, debug: silent, trace: silent };

/** The official SDK as the receiver of events, as its documentation sets it up. */
async function receiveWithSdk(cache = new lark.DefaultCache()) {
  const { encryptKey, verificationToken } = app;
  const dispatcher = new lark.EventDispatcher({ encryptKey, verificationToken, cache, logger });
  const server = await listen(lark.adaptDefault('/events', dispatcher, { autoChallenge: true }));
  return { ...server, dispatcher };
}

test('the official SDK verifies, decrypts and dispatches a pushed ticket', async () => {
  await using sdk = await receiveWithSdk();
  await using simulator = await startFor(sdk.eventUrl);
  const onTicket = vi.fn();
  sdk.dispatcher.register({ app_ticket: onTicket });

  expect(await simulator.pushAppTicket(app.appId)).toBe(200);

  expect(onTicket.mock.calls).toEqual([
    [
      expect.objectContaining({
        app_id: app.appId,
        app_ticket: simulator.newestAppTicket(app.appId),
        token: app.verificationToken,
      }),
    ],
  ]);
});

test.for([
  ['an honest event', 'kudryavka', 1],
  ['an event signed with another key', 'forged', 0],
] as const)('the official SDK judges %s', async ([, key, dispatched]) => {
  await using sdk = await receiveWithSdk();
  const onTicket = vi.fn();
  sdk.dispatcher.register({ app_ticket: onTicket });
  const body = encryptEvent(appTicketEvent(app, 'g-1', Date.now()), app.encryptKey);
  const headers = signedHeaders(body, key, { timestamp: 1_502_199_207, nonce: '7' });

  await (await request(sdk.eventUrl, { method: 'POST', headers, body })).body.dump();

  expect(onTicket).toHaveBeenCalledTimes(dispatched);
});

test('the official SDK answers the check of an event URL', async () => {
  await using sdk = await receiveWithSdk();
  await using simulator = await startFor(sdk.eventUrl);

  const { status, challenge } = await simulator.checkEventUrl(app.appId);

  expect([status, challenge]).toEqual([200, expect.stringMatching(/^[0-9a-f]{32}$/)]);
});

test('gives the official SDK of a store app its ticket, its tokens and an import result', async () => {
  const ticket = '7369583175086912356';
  const cache = new lark.DefaultCache();
  await using sdk = await receiveWithSdk(cache);
  await using simulator = await startFor(sdk.eventUrl);
  simulator.script(ticket, { replies: [{ result: { job_status: 0, token: 'Fm7o' } }] });
  const { appId, appSecret } = app;
  const set = vi.spyOn(cache, 'set');

  // without a ticket the SDK asks for one as soon as it is made
  const client = new lark.Client({
    ...{ appId, appSecret, cache, logger, domain: simulator.url },
    appType: lark.AppType.ISV,
  });
  await vi.waitUntil(() => set.mock.calls.length === 1, { interval: 1 });
  const path = { ticket };
  const tenant = lark.withTenantKey(app.tenantKeys[0] ?? '');
  const answer = await client.drive.v1.importTask.get({ path }, tenant);

  expect(answer.data?.result?.token).toBe('Fm7o');
  expect(simulator.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /open-apis/auth/v3/app_ticket/resend',
    'POST /open-apis/auth/v3/app_access_token',
    'POST /open-apis/auth/v3/tenant_access_token',
    `GET /open-apis/drive/v1/import_tasks/${ticket}`,
  ]);
  expect(simulator.requests[3]?.headers.authorization).toBe(
    `Bearer ${simulator.issuedTokens.at(-1)}`,
  );
});

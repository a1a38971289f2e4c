import * as lark from '@larksuiteoapi/node-sdk';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { appTicketIn } from '../../functions/events/app-ticket-event.ts';
import {
  type EventKeys,
  mayBeProved,
  proveEvent,
  type SignedRequest,
} from '../../functions/events/event-proof.ts';
import {
  appTicketEvent,
  encryptEvent,
  signedHeaders,
  urlCheck,
} from '../../infra/local/feishu-simulator/events.ts';
import type { IsvApp } from '../../infra/local/feishu-simulator.ts';

const app: IsvApp = {
  appId: 'cli_store',
  appSecret: 'store-secret',
  encryptKey: 'kudryavka',
  verificationToken: '41a9425ea7df4536a7623e38fa321bae',
  tenantKeys: [],
};
const keys: EventKeys = app;

const now = 1_700_000_000_000;

type Signing = { timestamp?: number | string; nonce?: string; key?: string };

function signed(
  body: string,
  { timestamp = now / 1000, nonce = 'n-1', key = app.encryptKey }: Signing = {},
): SignedRequest {
  const headers = signedHeaders(body, key, { timestamp, nonce });
  return {
    body: Buffer.from(body),
    signature: headers['x-lark-signature'],
    timestamp: headers['x-lark-request-timestamp'],
    nonce: headers['x-lark-request-nonce'],
  };
}

const unsigned = (body: string): SignedRequest => ({
  body: Buffer.from(body),
  signature: undefined,
  timestamp: undefined,
  nonce: undefined,
});

const honestEvent = (sentAt = now) => appTicketEvent(app, 'g-1', sentAt);
const honest = (signing?: Signing) => signed(encryptEvent(honestEvent(), app.encryptKey), signing);

const prove = (request: SignedRequest) => proveEvent(request, keys, now);

/** The second generation of events. */
const secondGeneration = (header: object = {}) => ({
  schema: '2.0',
  header: {
    event_id: 'f7984f25108f8137722bb63cee927e66',
    event_type: 'app_ticket',
    create_time: String(now - 2500),
    token: app.verificationToken,
    app_id: app.appId,
    ...header,
  },
  event: { app_id: app.appId, app_ticket: 'g-2' },
});

test('an honest event proves itself, and tells when it was made', () => {
  const sentEarlier = signed(encryptEvent(honestEvent(now - 2500), app.encryptKey));

  expect(prove(sentEarlier)).toEqual({
    kind: 'event',
    event: { app_id: app.appId, app_ticket: 'g-1', type: 'app_ticket' },
    madeAt: now - 2500,
  });
});

test('an event of the second generation proves itself like one of the first', () => {
  const request = signed(encryptEvent(secondGeneration(), app.encryptKey));

  expect(prove(request)).toEqual({
    kind: 'event',
    event: { app_id: app.appId, app_ticket: 'g-2', type: 'app_ticket' },
    madeAt: now - 2500,
  });
});

test.for([
  ['says nothing of it', undefined, now],
  ['says nothing readable of it', 'yesterday', now],
  ['counts in microseconds', String(now * 1000), now + 999],
  ['was made before it was sent', String(now - 86_400_000), now - 86_400_000],
] as const)('an event that %s was made when it says, or when it was sent', ([, said, madeAt]) => {
  const request = signed(encryptEvent(secondGeneration({ create_time: said }), app.encryptKey));

  expect(prove(request)).toMatchObject({ madeAt });
});

test('a check of the URL needs no signature', () => {
  const request = unsigned(urlCheck(app.verificationToken, app.encryptKey, 'c-1'));

  expect(prove(request)).toEqual({ kind: 'url_check', challenge: 'c-1' });
});

const flipped = (text: string | undefined) =>
  `${text?.startsWith('0') ? 1 : 0}${text?.slice(1) ?? ''}`;
const cut = ({ encrypt }: { encrypt: string }, bytes: number) =>
  JSON.stringify({
    encrypt: Buffer.from(encrypt, 'base64').subarray(0, -bytes).toString('base64'),
  });
const encryptedHonestEvent = () => encryptEvent(honestEvent(), app.encryptKey);
const withToken = (token: unknown) => encryptEvent({ ...honestEvent(), token }, app.encryptKey);

test.for([
  ['without a signature', () => ({ ...honest(), signature: undefined }), 'unsigned'],
  ['without a timestamp', () => ({ ...honest(), timestamp: undefined }), 'unsigned'],
  ['with an empty signature', () => ({ ...honest(), signature: '' }), 'forged'],
  ['without its nonce', () => ({ ...honest(), nonce: undefined }), 'forged'],
  ['with a changed nonce', () => ({ ...honest(), nonce: 'n-2' }), 'forged'],
  [
    'with a changed signature',
    () => {
      const request = honest();
      return { ...request, signature: flipped(request.signature) };
    },
    'forged',
  ],
  [
    'with its signature in capitals',
    () => {
      const request = honest();
      return { ...request, signature: request.signature?.toUpperCase() };
    },
    'forged',
  ],
  ['signed with another key', () => honest({ key: 'other' }), 'forged'],
  ['with the body of another', () => ({ ...honest(), body: honest().body }), 'forged'],
  ['signed too long ago', () => honest({ timestamp: now / 1000 - 301 }), 'stale'],
  ['signed in the future', () => honest({ timestamp: now / 1000 + 301 }), 'stale'],
  ['signed at no time', () => honest({ timestamp: 'now' }), 'stale'],
  ['signed at an empty time', () => honest({ timestamp: '' }), 'stale'],
  ['signed at a negative time', () => honest({ timestamp: -now / 1000 }), 'stale'],
  ['encrypted with another key', () => signed(encryptEvent(honestEvent(), 'other')), 'unreadable'],
  ['cut short by a block', () => signed(cut(JSON.parse(encryptedHonestEvent()), 16)), 'unreadable'],
  ['cut short by a byte', () => signed(cut(JSON.parse(encryptedHonestEvent()), 1)), 'unreadable'],
  ['that encrypts nothing', () => signed('{"encrypt":""}'), 'unreadable'],
  ['that is not encrypted', () => signed(JSON.stringify(honestEvent())), 'unreadable'],
  ['that holds no JSON object', () => signed(encryptEvent('text', app.encryptKey)), 'unreadable'],
  ['with another token', () => signed(withToken('other')), 'wrong token'],
  ['with a longer token', () => signed(withToken(`${app.verificationToken}0`)), 'wrong token'],
  ['without a token', () => signed(withToken(undefined)), 'unreadable'],
] as const)('an event %s is distrusted', ([, request, why]) => {
  expect(prove(request())).toEqual({ kind: 'distrust', why });
});

test.for([
  ['with another token', urlCheck('other', app.encryptKey, 'c-1'), 'wrong token'],
  ['encrypted with another key', urlCheck(app.verificationToken, 'other', 'c-1'), 'unreadable'],
  ['without a challenge', urlCheck(app.verificationToken, app.encryptKey, ''), 'unsigned'],
  [
    'with a long text',
    urlCheck(app.verificationToken, app.encryptKey, 'c'.repeat(1001)),
    'unreadable',
  ],
  // nothing signs it: blocks of another message may have been put between its own, to be read from the answer
  ['with a patched text', urlCheck(app.verificationToken, app.encryptKey, 'c\uFFFD'), 'unreadable'],
] as const)('a check of the URL %s is distrusted', ([, body, why]) => {
  expect(prove(unsigned(body))).toEqual({ kind: 'distrust', why });
});

test('an event with a challenge is no check of the URL', () => {
  const body = encryptEvent({ ...honestEvent(), challenge: 'c-1' }, app.encryptKey);

  expect(prove(unsigned(body))).toEqual({ kind: 'distrust', why: 'unsigned' });
});

test('a check of the URL that is signed wrongly is distrusted', () => {
  const body = urlCheck(app.verificationToken, app.encryptKey, 'c-1');

  expect(prove(signed(body, { key: 'other' }))).toEqual({ kind: 'distrust', why: 'forged' });
});

test.for([
  ['five minutes old', -300, 'event'],
  ['five minutes ahead', 300, 'event'],
  ['older', -301, 'distrust'],
  ['further ahead', 301, 'distrust'],
] as const)('a signature that is %s is judged by its age', ([, seconds, kind]) => {
  expect(prove(honest({ timestamp: now / 1000 + seconds }))).toMatchObject({ kind });
});

test.for([
  ['an honest event', honest(), true],
  ['a check of the URL', unsigned(urlCheck('t', 'k', 'c')), true],
  ['no JSON', unsigned('RECOGNISABLE'), false],
  ['JSON of another shape', unsigned('[{"encrypt":"AAAA"}]'), false],
  ['a plain event', signed(JSON.stringify(honestEvent())), false],
  ['what is no base64', unsigned('{"encrypt":"*"}'), false],
  ['a body without end', unsigned('['.repeat(60_000)), false],
  ['an old event', honest({ timestamp: now / 1000 - 301 }), false],
] as const)('tells without a key whether %s may prove itself', ([, request, may]) => {
  expect(mayBeProved(request, now)).toBe(may);
});

type Change = { part: keyof SignedRequest; place: number; difference: number };

const change: fc.Arbitrary<Change> = fc.record({
  part: fc.constantFrom('body', 'timestamp', 'nonce', 'signature'),
  place: fc.nat(),
  difference: fc.integer({ min: 1, max: 255 }),
});

/** With one byte of a part made another. */
function tampered(request: SignedRequest, { part, place, difference }: Change): SignedRequest {
  const bytes = Buffer.from(request[part] as string, 'latin1');
  const index = place % bytes.length;
  bytes[index] = (bytes[index] ?? 0) ^ difference;
  return { ...request, [part]: part === 'body' ? bytes : bytes.toString('latin1') };
}

test('any byte of a signed request that is changed gives it away', () => {
  fc.assert(
    fc.property(change, (what) => {
      expect(prove(tampered(honest(), what)).kind).toBe('distrust');
    }),
    { numRuns: 1000 },
  );
});

test('whatever comes, it is distrusted and nothing breaks', () => {
  const anything = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({ encrypt: fc.oneof(fc.base64String(), fc.string(), fc.json()) })
      .map((body) => JSON.stringify(body)),
    fc.json().map((json) => encryptEvent(JSON.parse(json), app.encryptKey)),
  );

  fc.assert(
    fc.property(anything, fc.boolean(), (body, isSigned) => {
      expect(prove(isSigned ? signed(body) : unsigned(body)).kind).toBe('distrust');
    }),
    { numRuns: 500 },
  );
});

const silent = () => {};
const logger = { error: silent, warn: silent, info: silent, debug: silent, trace: silent };

/** What the official SDK hands to whom it may concern; nothing where it distrusts the request. */
async function dispatchedBySdk({ body, ...rest }: SignedRequest, type = 'app_ticket') {
  const { encryptKey, verificationToken } = app;
  const dispatched: unknown[] = [];
  const dispatcher = new lark.EventDispatcher({ encryptKey, verificationToken, logger });
  dispatcher.register({ [type]: async (event: unknown) => void dispatched.push(event) });
  const headers = {
    'x-lark-signature': rest.signature,
    'x-lark-request-timestamp': rest.timestamp,
    'x-lark-request-nonce': rest.nonce,
  };
  // as the SDK's own adapters make it
  const request = Object.assign(
    Object.create({ headers }),
    JSON.parse(Buffer.from(body).toString()),
  );
  await dispatcher.invoke(request);
  return dispatched;
}

test('agrees with the official SDK on every honest event', async () => {
  const word = fc
    .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
    .filter((text) => text.trim() === text);
  const aboutTickets = fc.record({
    ticket: word,
    nonce: fc.uuid(),
    isSecond: fc.boolean(),
  });

  await fc.assert(
    fc.asyncProperty(aboutTickets, async ({ ticket, nonce, isSecond }) => {
      const second = { ...secondGeneration(), event: { app_id: app.appId, app_ticket: ticket } };
      const event = isSecond ? second : appTicketEvent(app, ticket, now);
      const request = signed(encryptEvent(event, app.encryptKey), { nonce });

      const proof = prove(request);

      const found = proof.kind === 'event' && appTicketIn(proof.event, proof.madeAt);
      expect(found).toMatchObject({ appId: app.appId, appTicket: ticket });
      expect(await dispatchedBySdk(request)).toMatchObject([
        { app_id: app.appId, app_ticket: ticket },
      ]);
    }),
  );
});

test('agrees with the official SDK that an event signed with another key is forged', async () => {
  const request = honest({ key: 'other' });

  expect(prove(request)).toMatchObject({ kind: 'distrust' });
  expect(await dispatchedBySdk(request)).toEqual([]);
});

test('reads what the official SDK decrypts', () => {
  const body = encryptedHonestEvent();

  const decrypted = JSON.parse(
    new lark.AESCipher(app.encryptKey).decrypt(JSON.parse(body).encrypt),
  );

  expect(prove(signed(body))).toMatchObject({ event: decrypted.event });
});

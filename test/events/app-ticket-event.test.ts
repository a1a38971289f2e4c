import { expect, test } from 'vitest';
import { appTicketHandedOn, appTicketIn } from '../../functions/events/app-ticket-event.ts';

const now = Date.parse('2026-01-31T08:00:00Z');

const event = { type: 'app_ticket', app_id: 'cli_store', app_ticket: 'g-1' };

test('finds the ticket in an event, with the time that it was made at', () => {
  expect(appTicketIn({ ...event, tenant_key: 'new' }, 5)).toEqual({
    appId: 'cli_store',
    appTicket: 'g-1',
    pushedAt: 5,
  });
});

test.for([
  ['of another type', { ...event, type: 'app_open' }],
  ['without a ticket', { ...event, app_ticket: undefined }],
  ['with an empty ticket', { ...event, app_ticket: ' ' }],
  ['with a ticket of no sensible length', { ...event, app_ticket: 'g'.repeat(4097) }],
  ['of an app with no such id', { ...event, app_id: '../default' }],
  ['that is none', undefined],
] as const)('finds no ticket in an event %s', ([, content]) => {
  expect(appTicketIn(content, 5)).toBeUndefined();
});

const handedOn = { app_id: 'cli_store', app_ticket: 'RECOGNISABLE' };

test('takes a ticket that is handed on as pushed now, unless it says when', () => {
  const pushed_at = '2026-01-31T15:30:00+08:00';

  expect(appTicketHandedOn(handedOn, now)).toEqual({
    appId: 'cli_store',
    appTicket: 'RECOGNISABLE',
    pushedAt: now,
  });
  expect(appTicketHandedOn({ ...handedOn, pushed_at }, now).pushedAt).toBe(now - 30 * 60_000);
});

test('a ticket that says it comes from the future was pushed now: later ones must count', () => {
  const pushed_at = '2027-01-31T08:00:00Z';

  expect(appTicketHandedOn({ ...handedOn, pushed_at }, now).pushedAt).toBe(now);
});

const shape = 'it must be {"app_id"';

test.for([
  ['nothing', undefined, shape],
  ['a text', 'RECOGNISABLE', shape],
  ['a list', [handedOn], shape],
  ['a key that is not known', { ...handedOn, RECOGNISABLE: 1 }, shape],
  ['no app_id', { ...handedOn, app_id: undefined }, 'app_id must be a string'],
  [
    'a path as app_id',
    { ...handedOn, app_id: '../RECOGNISABLE' },
    'app_id must be the id of an app',
  ],
  ['a long app_id', { ...handedOn, app_id: 'c'.repeat(65) }, 'app_id must be the id of an app'],
  ['no app_ticket', { ...handedOn, app_ticket: undefined }, 'app_ticket must be a string'],
  ['a blank app_ticket', { ...handedOn, app_ticket: '  ' }, 'app_ticket must not be empty'],
  ['a huge app_ticket', { ...handedOn, app_ticket: 'R'.repeat(4097) }, 'app_ticket is too long'],
  ['a day as pushed_at', { ...handedOn, pushed_at: '2026-01-31' }, 'pushed_at must be a time'],
  [
    'a local time as pushed_at',
    { ...handedOn, pushed_at: '2026-01-31T08:00:00' },
    'pushed_at must be a time',
  ],
  ['a number as pushed_at', { ...handedOn, pushed_at: now }, 'pushed_at must be a time'],
] as const)('refuses %s, and shows no value of it', ([, content, fault]) => {
  expect(() => appTicketHandedOn(content, now)).toThrow(
    expect.objectContaining({
      message: expect.stringMatching(
        new RegExp(`^The app_ticket cannot be stored: (?!.*RECOGNISABLE).*${fault}`),
      ),
    }),
  );
});

test('lists all that is wrong at once', () => {
  expect(() => appTicketHandedOn({ app_id: 5, app_ticket: '' }, now)).toThrow(
    'app_id must be a string; app_ticket must not be empty',
  );
});

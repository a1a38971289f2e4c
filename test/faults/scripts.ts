import type { Reply } from '../../infra/local/feishu-simulator.ts';
import {
  brokenConnection,
  document,
  failedImport,
  oddlySent,
  oddResult,
  rateLimit,
  refusedBy,
  slow,
  stillRunning,
  tokenTrouble,
  unknownCode,
  unreadable,
} from './feishu-replies.ts';
import { type Random, randomOf } from './random.ts';
import {
  type AttemptScript,
  appOf,
  type LambdaFault,
  type ProfileScript,
  profileOf,
  type ScriptedImport,
  ticketOf,
} from './scripted-import.ts';

/**
 * The script of a campaign's n-th import: the same for the same seed. `slowShare` is that of the imports
 * which are made to wait in real time.
 */
export function scriptOf(seed: string, number: number, slowShare = 0.05): ScriptedImport {
  const random = randomOf(`${seed} ${number}`);
  const { chance, whole, list } = random;
  const attempts = attemptScripts(random, slowShare);
  // nobody can say which of the two hears what
  const isTwiceAtOnce = attempts.some(({ fault }) => fault?.kind === 'twiceAtOnce');
  const profile: ProfileScript = isTwiceAtOnce
    ? { kind: 'custom', storeFailures: 0 }
    : profileScript(random);
  const ticket = ticketOf(number);
  return {
    number,
    ...startOf(random),
    input: { ticket, profile: profileOf(number), ...options(random) },
    profile,
    replies: isTwiceAtOnce
      ? [random.oneOf([document, failedImport, stillRunning])(random)]
      : replies(random, ticket, slowShare),
    tokenReplies:
      chance(0.2) && !isTwiceAtOnce
        ? list(whole(1, 3), () => tokenTrouble(random, appOf(number).appSecret))
        : [],
    attempts,
  };
}

function startOf({ weighted, oneOf }: Random): Pick<ScriptedImport, 'start' | 'invalidInput'> {
  return weighted<Pick<ScriptedImport, 'start' | 'invalidInput'>>([
    [90, () => ({ start: 'post' })],
    [6, () => ({ start: 'postTwice' })],
    [
      3,
      () => ({
        start: 'execution',
        invalidInput: oneOf([
          null,
          [],
          'ticket',
          { ticket: 7369583175086912 },
          { ticket: 'x', __proto__: null, surprise: true },
          { ticket: '../x' },
          { ticket: 'x', timeout_seconds: 0 },
          { ticket: 'x', timeout_seconds: '60', profile: 'P' },
        ]),
      }),
    ],
  ]);
}

function options({ weighted, chance, whole, oneOf }: Random) {
  const timeout_seconds = weighted<number | undefined>([
    [50, () => undefined],
    [10, () => whole(1, 10)],
    [15, () => whole(11, 600)],
    [15, () => whole(601, 10_000)],
    [3, () => 86_400],
  ]);
  return {
    ...(timeout_seconds !== undefined && { timeout_seconds }),
    ...(chance(0.15) && { expected_seconds: oneOf([1, 10, 60, 3600, 86_400]) }),
    ...(chance(0.3) && { on_failure: oneOf(['fail', 'return'] as const) }),
  };
}

function profileScript({ weighted, whole, oneOf }: Random): ProfileScript {
  return weighted<ProfileScript>([
    [90, () => ({ kind: 'custom', storeFailures: 0 })],
    [5, () => ({ kind: 'custom', storeFailures: whole(1, 4) })],
    [1, () => ({ kind: 'custom', storeFailures: 1_000_000 })],
    [1.5, () => ({ kind: 'unreachable' })],
    [1, () => ({ kind: 'missing' })],
    [
      1,
      () => ({
        kind: 'malformed',
        text: oneOf(['', '{', 'null', '[]', '{"kind":"custom"}', '{"kind":5}']),
      }),
    ],
  ]);
}

function replies(random: Random, ticket: string, slowShare: number): Reply[] {
  const { weighted, list, whole, chance } = random;
  let slowLeft = chance(slowShare) ? 2 : 0;

  const aSlowOne = () => {
    slowLeft -= 1;
    return slow(random);
  };
  const passing = () =>
    weighted<Reply>([
      [10, () => stillRunning(random)],
      [3, () => oddResult(random)],
      [3, () => unreadable(random, ticket)],
      [4, () => brokenConnection(random)],
      [5, () => rateLimit(random)],
      [3, () => refusedBy(random, 'transient')],
      [1.5, () => refusedBy(random, 'token')],
      [slowLeft > 0 ? 6 : 0, aSlowOne],
    ]);
  const final = () =>
    weighted<Reply>([
      [48, () => document(random)],
      [14, () => failedImport(random)],
      [5, () => oddlySent(random, ticket)],
      [6, () => stillRunning(random)],
      [4, () => oddResult(random)],
      [4, () => unreadable(random, ticket)],
      [3, () => brokenConnection(random)],
      [4, () => rateLimit(random)],
      [2, () => refusedBy(random, 'transient')],
      [3, () => refusedBy(random, 'token')],
      [3, () => refusedBy(random, 'import')],
      [2, () => refusedBy(random, 'rejected')],
      [1, () => refusedBy(random, 'credentials')],
      [1, () => refusedBy(random, 'scope')],
      [1, () => refusedBy(random, 'quota')],
      [1, () => refusedBy(random, 'ip')],
      [2, () => unknownCode(random)],
    ]);
  return [...list(chance(0.3) ? 0 : whole(1, 10), passing), final()];
}

const passingErrors = [
  'Lambda.TooManyRequestsException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ENILimitReachedException',
];
const deaths = ['Sandbox.Timedout', 'Runtime.ExitError', 'Lambda.Unknown', 'States.Timeout'];

function attemptScripts(random: Random, slowShare: number): AttemptScript[] {
  const { weighted, list, whole, oneOf } = random;
  return weighted<AttemptScript[]>([
    [60, () => []],
    [30, () => list(whole(1, 8), () => attemptScript(random))],
    [4, () => list(whole(1, 4), () => ({ fault: { kind: 'twiceAtOnce' } }))],
    // throttled for as long as it is borne with, and once more
    [2, () => errors(whole(24, 27), () => failing(oneOf(passingErrors), 'before'))],
    [3, () => errors(whole(3, 5), () => failing(oneOf(deaths), oneOf(['before', 'after'])))],
    [1, () => errors(1, () => failing(oneOf(['TypeError', 'Error']), oneOf(['before', 'after'])))],
    [slowShare, () => [{ fault: { kind: 'hangs' } }]],
  ]);

  function errors(length: number, make: () => LambdaFault): AttemptScript[] {
    const before = list(whole(0, 2), () => ({}));
    return [...before, ...list(length, () => ({ fault: make() }))];
  }
}

function attemptScript({ weighted, oneOf }: Random): AttemptScript {
  const jump = () => oneOf([-100_000, -3600, -60, -3, 3, 60, 600, 3600, 100_000]);
  return weighted<AttemptScript>([
    [6, () => ({})],
    [3, () => ({ fault: failing(oneOf(passingErrors), 'before') })],
    [2, () => ({ fault: failing(oneOf(deaths), oneOf(['before', 'after'])) })],
    [2, () => ({ fault: { kind: 'twice', kept: oneOf([0, 1] as const) } })],
    [1, () => ({ clockJumpSeconds: jump() })],
    [1, () => ({ clockJumpWhenAskedSeconds: jump() })],
  ]);
}

const failing = (error: string, when: 'before' | 'after'): LambdaFault => ({
  kind: 'error',
  error,
  when,
});

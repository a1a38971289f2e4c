import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NoAnswer, RefusalAnswer } from '../../functions/core/answer.ts';
import { profileSecrets } from '../../functions/credentials/profile-secrets.ts';
import { fingerprint } from '../../functions/credentials/refresh-claim.ts';
import { profilesFromSecrets } from '../../functions/credentials/secret-profiles.ts';
import { secretsManager } from '../../functions/credentials/secret-store.ts';
import { secretVersions } from '../../functions/credentials/secret-versions.ts';
import type { Refresh } from '../../functions/credentials/user-token-renewal.ts';
import type { RenewedUserToken } from '../../functions/feishu/answers.ts';
import { renewUserTokens } from '../../functions/renew-user-tokens.ts';
import { rotateUserToken } from '../../functions/rotate-user-token.ts';
import { directSecretsClient } from '../../infra/local/secrets-manager/client.ts';
import type { RotationEvent } from '../../infra/local/secrets-manager/rotation.ts';
import {
  internalError,
  lostAnswer,
  type ScriptedFault,
  throttled,
} from '../../infra/local/secrets-manager/scripted-faults.ts';
import { secretsStore } from '../../infra/local/secrets-manager/store.ts';
import { refusalAnswer } from '../answers.ts';

// Everybody who reads, renews or replaces a user's tokens, at once, in any order, dying anywhere: with a
// clock, a Secrets Manager and a Feishu of our own. One number decides all that happens.

const minute = 60_000;
const name = 'feishu/profiles/user';
const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:rotate';
const baseUrl = 'https://open.feishu.cn';
/** What a function is given at AWS; Lambda ends it then, wherever it is. */
const functionMs = 90_000;

type Party = 'finder' | 'rotation' | 'reattempt' | 'duplicate' | 'operator' | 'query';

type Plan = {
  seed: number;
  parties: Party[];
  /** Of the calls of Secrets Manager, of Feishu's answers, and of all awaits. */
  faults: number;
  refusals: number;
  deaths: number;
  pendingLabel: 'stays' | 'is removed';
};

type Process = { endsAt: number; died: boolean; die: () => void; failedWrites: number };

/** Numbers from 0 to 1 (mulberry32). */
function numbersFrom(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Lets one of all who wait go on at a time, some time later. */
function startTime(plan: Plan, random: () => number) {
  const waiting: { process: Process; until: number; goOn: () => void }[] = [];
  let now = Date.parse('2026-10-01T08:00:00Z');
  let isCalm = false;

  const time = {
    now: () => now,
    advance(milliseconds: number) {
      now += milliseconds;
    },
    calm() {
      isCalm = true;
    },
    pass: (process: Process, milliseconds = 0) =>
      new Promise<void>((goOn) => {
        waiting.push({ process, until: now + milliseconds, goOn });
      }),
    /** Runs a function that may die at any of its awaits; then this rejects, as Lambda tells its caller. */
    async run<Result>(work: (process: Process) => Promise<Result>): Promise<Result> {
      const death = Promise.withResolvers<never>();
      const process: Process = {
        endsAt: now + functionMs,
        died: false,
        failedWrites: 0,
        die() {
          process.died = true;
          death.reject(new Error('The process has ended.'));
        },
      };
      return Promise.race([time.pass(process).then(() => work(process)), death.promise]);
    },
    /** Starts something after so many turns of others. */
    async later(turns: number, work: () => Promise<unknown>) {
      const nobody = { endsAt: Number.POSITIVE_INFINITY, died: false, die() {}, failedWrites: 0 };
      for (let turn = 0; turn < turns; turn++) await time.pass(nobody);
      await work().catch(() => {});
    },
    async untilQuiet() {
      for (;;) {
        await new Promise(setImmediate);
        const [next] = waiting.splice(Math.floor(random() * waiting.length), 1);
        if (!next) return;
        // where nobody is to die, nobody may take too long either
        const pauses = plan.deaths > 0 ? [0, 5, 50, 300, 2000] : [0, 1, 10];
        const pause = pauses[Math.floor(random() * pauses.length)] ?? 0;
        now =
          Math.max(now, next.until) + (!isCalm && random() < plan.deaths / 4 ? 3 * minute : pause);
        const { died, endsAt } = next.process;
        if (died) continue;
        const dies = !isCalm && Number.isFinite(endsAt) && (random() < plan.deaths || now > endsAt);
        if (dies) next.process.die();
        else next.goOn();
      }
    },
  };
  return time;
}

type Time = ReturnType<typeof startTime>;

const refusal = (code: number | undefined, httpStatus = 400) =>
  refusalAnswer({ asked: 'token', httpStatus, code });
const cutOff: NoAnswer = { kind: 'no_answer', reason: 'reset' };
const unsent: NoAnswer = { kind: 'no_answer', reason: 'refused', unsent: true };

/** What Feishu does instead of renewing a token, and whether the token is of no use then. */
const refusals: [RefusalAnswer | NoAnswer, { spent: boolean }][] = [
  [refusal(20050, 500), { spent: false }],
  [refusal(20072, 503), { spent: false }],
  [refusal(undefined, 429), { spent: false }],
  [refusal(20002), { spent: false }],
  [unsent, { spent: false }],
  [refusal(undefined, 502), { spent: false }],
  [refusal(20064), { spent: true }],
  [refusal(20073), { spent: true }],
  [cutOff, { spent: true }],
  [cutOff, { spent: true }],
];

/** Remembers who used what, and what each token follows from: of which authorisation it is. */
function startFeishu({ now, pass }: Time, random: () => number, refusalRate: number) {
  const known = new Map<string, { authorisation: number }>();
  const spent = new Set<string>();
  const inFlight = new Set<{ token: string; process: Process }>();
  const arrived: { refreshToken: string; process: Process }[] = [];
  const faults: string[] = [];
  let isCalm = false;
  let issued = 0;

  function issue(authorisation: number) {
    issued += 1;
    const [accessToken, refreshToken] = [`secret-access-${issued}`, `secret-refresh-${issued}`];
    known.set(accessToken, { authorisation }).set(refreshToken, { authorisation });
    return { accessToken, refreshToken };
  }

  function answer(token: string): RenewedUserToken | RefusalAnswer | NoAnswer {
    if (spent.has(token)) faults.push(`${token} is used a second time`);
    const isRefused = !isCalm && random() < refusalRate;
    const [answer, { spent: isSpent }] = (isRefused &&
      refusals[Math.floor(random() * refusals.length)]) || [undefined, { spent: true }];
    if (isSpent) spent.add(token);
    if (answer) return answer;
    const pair = issue(known.get(token)?.authorisation ?? Number.NaN);
    return { kind: 'renewed', ...pair, lifeSeconds: 7200, refreshLifeSeconds: 604_800 };
  }

  return {
    known,
    spent,
    arrived,
    faults,
    issue,
    calm() {
      isCalm = true;
    },
    refresh: (process: Process): Refresh =>
      async function refresh({ refreshToken: token }, deadline) {
        if (now() >= deadline) return unsent;
        for (const other of inFlight) {
          if (other.token !== token || other.process.died) continue;
          faults.push(`${token} is in flight twice`);
        }
        const flight = { token, process };
        inFlight.add(flight);
        await pass(process);
        const answered = answer(token);
        await pass(process);
        inFlight.delete(flight);
        if (now() >= deadline) return cutOff;
        if (answered.kind === 'renewed' && answered.refreshToken) {
          arrived.push({ refreshToken: answered.refreshToken, process });
        }
        return answered;
      },
  };
}

async function play(plan: Plan) {
  const random = numbersFrom(plan.seed);
  const oneOf = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)];
  const time = startTime(plan, random);
  const { now, run, pass, untilQuiet } = time;
  const feishu = startFeishu(time, random, plan.refusals);
  let faultRate = 0;
  let authorisations = 0;
  const seen: RotationEvent[] = [];

  const store = secretsStore({
    secrets: { [name]: authorised() },
    functions: {
      [functionArn](event) {
        seen.push(event);
        return runStep(event);
      },
    },
    now,
    pendingLabelAfterRotation: plan.pendingLabel,
    faultFor: () =>
      random() < faultRate
        ? oneOf<ScriptedFault>(['hang up', throttled, internalError, lostAnswer, lostAnswer])
        : undefined,
  });
  const direct = directSecretsClient(store);

  function authorised(before = {}) {
    const { accessToken, refreshToken } = feishu.issue(authorisations);
    return JSON.stringify({
      ...before,
      kind: 'user',
      app_id: 'cli_1',
      app_secret: 'secret-app',
      access_token: accessToken,
      access_token_expires_at: new Date(now() + 50 * minute).toISOString(),
      refresh_token: refreshToken,
      refresh_token_expires_at: new Date(now() + 10_000 * minute).toISOString(),
    });
  }

  const clientOf = (process: Process): SecretsManagerClient =>
    Object.assign(Object.create(SecretsManagerClient.prototype), {
      async send(command: Parameters<typeof direct.send>[0]) {
        await pass(process);
        try {
          // a call ends with the deadline, which the functions set 1 s before their own end
          if (now() >= process.endsAt - 1000) throw new DOMException('late', 'TimeoutError');
          return await direct.send(command);
        } catch (error) {
          if (command.constructor.name === 'PutSecretValueCommand') process.failedWrites += 1;
          throw error;
        } finally {
          await pass(process);
        }
      },
    });

  const context = (process: Process) => ({
    getRemainingTimeInMillis: () => process.endsAt - now(),
  });

  const runStep = (event: Omit<RotationEvent, 'RotationToken'>) =>
    run((process) =>
      rotateUserToken({
        baseUrl,
        versions: secretVersions(clientOf(process), now),
        refresh: feishu.refresh(process),
        now,
        sleep: (milliseconds) => pass(process, milliseconds),
      })(event, context(process)),
    );

  const runFinder = () =>
    run((process) => {
      const config = { profileSecretPrefix: 'feishu/profiles/', rotationFunctionArn: functionArn };
      const secrets = profileSecrets(config, clientOf(process), now);
      return renewUserTokens({ secrets, now })({}, context(process));
    });

  /** Not by our own client, and without faults. */
  async function undisturbed<Result>(call: () => Promise<Result>): Promise<Result> {
    const rate = faultRate;
    faultRate = 0;
    const result = call();
    faultRate = rate;
    return result;
  }

  const current = async () => {
    const { SecretString = '' } = await undisturbed(() => store.GetSecretValue({ SecretId: name }));
    return JSON.parse(SecretString);
  };

  const newId = () => Array.from({ length: 32 }, () => Math.floor(random() * 10)).join('');

  const parties: Record<Party, () => Promise<unknown>> = {
    finder: runFinder,
    rotation: () =>
      run(() =>
        store.RotateSecret({
          SecretId: name,
          ClientRequestToken: newId(),
          RotationLambdaARN: functionArn,
        }),
      ),
    reattempt: () => run(async () => store.reattemptRotation(name)),
    duplicate: () =>
      run(async (process) => {
        await pass(process);
        const known = oneOf(seen)?.ClientRequestToken;
        const ClientRequestToken = known === undefined || random() < 0.3 ? newId() : known;
        const Step = oneOf(['createSecret', 'createSecret', 'testSecret', 'finishSecret'] as const);
        if (Step) await runStep({ SecretId: name, ClientRequestToken, Step });
      }),
    operator: () =>
      run(async () => {
        // whoever edits what is there may leave in it what they do not know
        const before = random() < 0.5 ? await current() : {};
        authorisations += 1;
        const SecretString = authorised(before);
        const ClientRequestToken = newId();
        const write = { SecretId: name, ClientRequestToken, SecretString };
        await undisturbed(() => store.PutSecretValue(write));
      }),
    query: () =>
      run(async (process) => {
        const newest = authorisations;
        const readSecret = secretsManager(clientOf(process), now);
        const profiles = profilesFromSecrets(
          { prefix: 'feishu/profiles/', readSecret, versions: undefined, baseUrl },
          {
            now,
            async send({ method, headers }) {
              const token = headers.authorization?.replace('Bearer ', '') ?? '';
              const authorisation = feishu.known.get(token)?.authorisation ?? Number.NaN;
              if (method !== 'GET' || !(authorisation >= newest)) feishu.faults.push('a bad query');
              await pass(process);
              const body = '{"code":0,"data":{"result":{"job_status":2}}}';
              return { kind: 'http', httpStatus: 200, headers: {}, body };
            },
          },
        );
        await profiles('user').queryImport('1', now() + minute);
      }),
  };

  faultRate = plan.faults;
  for (const party of plan.parties) {
    time.later(Math.floor(random() * random() * 60), parties[party]);
  }
  await untilQuiet();

  // all is well again, and nobody at work; then two more runs
  faultRate = 0;
  feishu.calm();
  time.calm();
  time.advance(120 * minute);
  const afterOneRun = await oneRun();
  time.advance(15 * minute);
  const afterTwoRuns = await oneRun();
  return { feishu, authorisations, afterOneRun, afterTwoRuns, stored: await storedTexts() };

  async function oneRun() {
    const report = runFinder();
    await untilQuiet();
    await report;
    const { access_token, access_token_expires_at, refresh_token, authorise_again, renewed_from } =
      await current();
    return {
      authorisation: feishu.known.get(access_token)?.authorisation,
      hasEnded: Date.parse(access_token_expires_at) <= now(),
      refreshToken: refresh_token,
      isSpent: feishu.spent.has(refresh_token),
      authoriseAgain: authorise_again,
      renewedFrom: renewed_from,
    };
  }

  async function storedTexts() {
    const request = { SecretId: name, IncludeDeprecated: true };
    const { Versions = [] } = await store.ListSecretVersionIds(request);
    const values = Versions.map(({ VersionId }) =>
      store.GetSecretValue({ SecretId: name, VersionId }).then(
        ({ SecretString = '' }) => SecretString,
        () => '',
      ),
    );
    return Promise.all(values);
  }
}

const aRate = (...rates: number[]) => fc.constantFrom(...rates);

const aPlan: fc.Arbitrary<Plan> = fc.record({
  seed: fc.integer(),
  parties: fc
    .array(
      fc.constantFrom<Party[]>(
        ...(['finder', 'finder', 'rotation', 'reattempt', 'reattempt'] as const),
        ...(['duplicate', 'duplicate', 'operator', 'query'] as const),
      ),
      { minLength: 1, maxLength: 7 },
    )
    .map((others) => ['finder' as const, 'finder' as const, ...others]),
  faults: aRate(0, 0.02, 0.1),
  refusals: aRate(0, 0.3, 0.7),
  deaths: aRate(0, 0.02, 0.1),
  pendingLabel: fc.constantFrom('stays', 'is removed'),
});

test('whatever interleaves, dies or gets lost: no refresh token is used twice, and no stored token is lost', async () => {
  const outcomes = { renewed: 0, authoriseAgain: 0 };
  await fc.assert(
    fc.asyncProperty(aPlan, async (plan) => {
      const { feishu, authorisations, afterOneRun, afterTwoRuns, stored } = await play(plan);
      const { known, spent, arrived, faults } = feishu;

      expect(faults).toEqual([]);

      for (const { authorisation, refreshToken, isSpent, authoriseAgain } of [
        afterOneRun,
        afterTwoRuns,
      ]) {
        // what is current follows from what a person authorised last
        expect(authorisation).toBe(authorisations);
        if (refreshToken === undefined) expect(authoriseAgain).toEqual(expect.any(String));
        else expect({ isSpent }).toEqual({ isSpent: false });
      }
      const { refreshToken, hasEnded, renewedFrom } = afterTwoRuns;
      outcomes[refreshToken === undefined ? 'authoriseAgain' : 'renewed'] += 1;
      if (refreshToken !== undefined) expect({ hasEnded }).toEqual({ hasEnded: false });
      const isUndisturbed = plan.deaths + plan.faults + plan.refusals === 0;
      if (isUndisturbed) expect(refreshToken).toEqual(expect.any(String));

      for (const { refreshToken: token, process } of arrived) {
        const isStored = stored.some((text) => text.includes(`"${token}"`));
        const couldBeStored = !process.died && process.failedWrites < 5;
        if (couldBeStored) expect(isStored, `${token} is stored`).toBe(true);
        const isOutdated = (known.get(token)?.authorisation ?? 0) < authorisations;
        const isGivenUp = refreshToken === undefined && renewedFrom === fingerprint(token);
        const isKept = token === refreshToken || spent.has(token) || isOutdated || isGivenUp;
        if (isStored) expect(isKept, `${token} is kept`).toBe(true);
      }
    }),
    { numRuns: 1000, seed: 1 },
  );

  expect(outcomes.renewed).toBeGreaterThan(300);
  expect(outcomes.authoriseAgain).toBeGreaterThan(100);
});

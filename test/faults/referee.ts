import type { QueryResult } from '../../functions/contract/query-step.ts';
import type { TokenReply } from '../../infra/local/feishu-simulator.ts';
import { isRetryable, mayBeReimported } from './feishu-codes.ts';
import { type Meaning, meaningOfReply, meaningOfTokenReply } from './meaning.ts';
import type { ScriptedImport } from './scripted-import.ts';
import type { Attempt, Run } from './trace.ts';

// Knows the script and the contract, is told when the function was called and whom it asked, and says
// what each step must come to, and the import in the end.

/** A step that broke the contract. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** Of the resource that the API must show. */
export type ExpectedEnd = Record<string, unknown>;

type Verdict = { isPending: boolean; jobStatus?: number | undefined; end?: ExpectedEnd };

/** Errors of Lambda that pass, and those of a function that died: how often each is borne with in a row. */
const retries = [
  { errors: /^Lambda\.(?!Unknown)/, most: 25 },
  { errors: /^(Sandbox\.Timedout|Runtime\.ExitError|Lambda\.Unknown|States\.Timeout)$/, most: 3 },
];

/** Between two looks at a clock, on a busy machine. */
const toleranceSeconds = 5;

export function judge(
  script: ScriptedImport,
  attempts: readonly Attempt[],
  { outageSeconds }: { outageSeconds: number },
): ExpectedEnd {
  const { timeout_seconds: timeoutSeconds = 3600, expected_seconds: expectedSeconds = 0 } =
    script.input;
  const { ticket } = script.input;
  const played = { secret: 0, token: 0, query: 0 };
  let elapsed = 0;
  let waited = 0;
  let queries = 0;
  let jobStatus = -1;
  let outageSince: number | undefined;
  let errorsInARow: string[] = [];

  const ensure = (holds: boolean, message: string) => {
    if (!holds) throw new Violation(message);
  };

  function nextMeaning(asked: keyof typeof played): Meaning | 'secret' {
    const place = played[asked]++;
    if (asked === 'secret') return meaningOfSecret(script, place);
    if (asked === 'token') return meaningOfTokenReply(script.tokenReplies[place] ?? issue);
    const reply = script.replies[Math.min(place, script.replies.length - 1)];
    return reply ? meaningOfReply(reply, ticket) : { kind: 'transient' };
  }

  /** Follows the requests of a run through the script: what its last answer means. */
  function meaningOfRun({ asked }: Run, { jumpedAhead }: Attempt): Meaning {
    let refusals = 0;
    let repeats = 0;
    let last: Meaning | 'secret' | undefined;
    for (const [place, what] of asked.entries()) {
      if (place > 0) ensure(mayFollow(last, asked[place - 1], what), `asked for a ${what} in vain`);
      last = nextMeaning(what);
      if (last === 'secret') continue;
      if (last.kind === 'tokenRefused') refusals += 1;
      repeats += last.kind === 'transient' && place < asked.length - 1 ? 1 : 0;
    }
    const queriesAsked = asked.filter((what) => what === 'query').length;
    // one more for the token, where its connection died as well
    ensure(queriesAsked <= 2 && repeats <= 2, 'asked more than twice in a step');
    if (script.profile.kind === 'unreachable' || jumpedAhead) {
      const isCut = last === undefined || last === 'secret' || last.kind === 'token';
      if (isCut || (isTokenRefusal(last) && refusals === 1)) return { kind: 'transient' };
    }
    if (last === undefined || last === 'secret' || last.kind === 'token') {
      throw new Violation('did not ask for the import');
    }
    if (last.kind !== 'tokenRefused') return last;
    if (refusals === 2) return { kind: 'refused', name: 'Feishu.TokenRejected', code: last.code };
    ensure(queriesAsked === 2, 'gave up on a refused token without another');
    // the second request was spent on a connection that had died: the next step renews the token
    return { kind: 'transient' };
  }

  function verdictOf(meaning: Meaning): Verdict {
    const timeIsUp = elapsed >= timeoutSeconds;
    if (meaning.kind !== 'transient') outageSince = undefined;
    switch (meaning.kind) {
      case 'document':
        return { isPending: false, jobStatus: 0, end: succeeded(meaning) };
      case 'failed':
        return {
          isPending: false,
          jobStatus: meaning.jobStatus,
          end: failed(meaning.name, { job_status: meaning.jobStatus }),
        };
      case 'running': {
        const known = meaning.jobStatus ?? jobStatus;
        return timeIsUp
          ? { isPending: false, jobStatus: known, end: failed('Import.TimedOut', status(known)) }
          : { isPending: true, jobStatus: known };
      }
      case 'rateLimit':
        return timeIsUp
          ? { isPending: false, end: failed('Import.TimedOut', status(jobStatus)) }
          : { isPending: true };
      case 'transient': {
        outageSince ??= elapsed;
        // to the microsecond: sums of fractions differ in their last digits
        return timeIsUp || elapsed - outageSince >= outageSeconds - 1e-6
          ? { isPending: false, end: failed('Feishu.Unavailable', status(jobStatus)) }
          : { isPending: true };
      }
      case 'refused': {
        const code = meaning.code === undefined ? {} : { code: meaning.code };
        return { isPending: false, end: failed(meaning.name, { ...code, ...status(jobStatus) }) };
      }
      default:
        throw new Violation(`a ${meaning.kind} is no end of a step`);
    }
  }

  const counted = () => ({ queries, elapsed_seconds: Math.round(elapsed) });

  function succeeded(meaning: Extract<Meaning, { kind: 'document' }>): ExpectedEnd {
    return {
      ...{ ticket, profile: script.input.profile, status: 'succeeded', job_status: 0 },
      complete: meaning.isComplete,
      document: meaning.document,
      warnings: meaning.warnings.map((code) => ({ code })),
      ...counted(),
    };
  }

  function failed(name: string, details: object): ExpectedEnd {
    return {
      ...{ ticket, profile: script.input.profile },
      status: name === 'Import.TimedOut' ? 'timed_out' : 'failed',
      error: {
        ...{ name, ticket, retryable: isRetryable(name), reimport: mayBeReimported(name) },
        ...details,
        ...counted(),
      },
    };
  }

  /** Checks what the state machine was told, and says how it goes on. */
  function judgeStep(kept: QueryResult, attempt: Attempt): ExpectedEnd | undefined {
    const before = elapsed + waited;
    const { clockSeconds = 0 } = attempt.runs.find(({ result }) => result === kept) ?? {};
    const atLeast = Math.max(clockSeconds, before, 0);
    elapsed = kept.elapsed_seconds;
    ensure(
      elapsed >= atLeast - 0.001 && elapsed <= atLeast + toleranceSeconds,
      `says that ${elapsed} s have passed, not ${atLeast}`,
    );
    ensure(JSON.stringify({ ...kept, cause: '', output: {} }).length < 4096, 'remembers too much');

    const asked = attempt.runs.flatMap((run) => run.asked);
    if (asked.length === 0 && kept.queries === queries && queries === 0 && expectedSeconds > 0) {
      ensure(
        kept.outcome === 'pending' && elapsed < expectedSeconds,
        'asked nobody when it was due',
      );
      waited = kept.wait_seconds;
      return undefined;
    }
    const meaning = meaningOfAttempt(attempt, kept);
    const isProfileUnknown = meaning.kind === 'refused' && meaning.name === 'Profile.Unknown';
    queries += isProfileUnknown ? 0 : 1;
    const verdict = verdictOf(meaning);
    jobStatus = verdict.jobStatus ?? jobStatus;
    ensure(kept.queries === queries, `counts ${kept.queries} queries, not ${queries}`);
    ensure(kept.job_status === jobStatus, `remembers job_status ${kept.job_status}`);
    ensure(
      (kept.outcome === 'pending') === verdict.isPending,
      `is ${kept.outcome} ${kept.error} after ${JSON.stringify(meaning)}`,
    );
    if (!verdict.isPending) return verdict.end;
    ensureWait(kept.wait_seconds, meaning);
    waited = kept.wait_seconds;
    return undefined;
  }

  function ensureWait(seconds: number, meaning: Meaning): void {
    const left = timeoutSeconds - elapsed;
    ensure(Number.isInteger(seconds) && seconds >= 1, `waits ${seconds} s`);
    ensure(seconds <= Math.max(1, Math.ceil(left)), `waits ${seconds} s of ${left} that are left`);
    if (meaning.kind === 'rateLimit') {
      ensure(seconds >= Math.min(meaning.resetSeconds, left), `comes back after ${seconds} s`);
    }
    if (meaning.kind === 'transient' && outageSince !== undefined) {
      const borne = outageSince + outageSeconds - elapsed;
      ensure(
        seconds <= Math.max(1, Math.ceil(borne)),
        `waits ${seconds} s of ${borne} in an outage`,
      );
    }
  }

  function meaningOfAttempt(attempt: Attempt, kept: QueryResult | undefined): Meaning {
    const fault = script.attempts[attempts.indexOf(attempt)]?.fault;
    if (fault?.kind === 'twiceAtOnce') {
      // such a script has one reply, and who of the two hears of a token first is anybody's guess
      const [reply] = script.replies;
      return reply ? meaningOfReply(reply, ticket) : { kind: 'transient' };
    }
    const meanings = attempt.runs.map((run) => [run, meaningOfRun(run, attempt)] as const);
    const [, meaning] = meanings.find(([{ result }]) => result === kept) ?? [];
    if (!meaning) throw new Violation('came to a result of nowhere');
    return meaning;
  }

  for (const [place, attempt] of attempts.entries()) {
    if (attempt.kept) {
      errorsInARow = [];
      const end =
        script.invalidInput === undefined ? judgeStep(attempt.kept, attempt) : invalidInput();
      if (!end) continue;
      ensure(place === attempts.length - 1, 'asked on after the end');
      return end;
    }
    if (script.invalidInput === undefined) skipReplies(attempt);
    const error = attempt.error ?? 'Sandbox.Timedout';
    errorsInARow.push(error);
    const retry = retries.find(({ errors }) => errors.test(error));
    const again = errorsInARow.filter((earlier) => retry?.errors.test(earlier)).length;
    if (retry && again <= retry.most) continue;
    ensure(place === attempts.length - 1, 'asked on after it broke');
    return {
      ...(script.invalidInput === undefined && { ticket, profile: script.input.profile }),
      status: 'failed',
      error: { name: 'Internal.Error', retryable: true, reimport: false },
    };
  }
  throw new Violation('was given up without an end');

  /** What was done in vain was asked for all the same. */
  function skipReplies(attempt: Attempt): void {
    for (const what of attempt.runs.flatMap((run) => run.asked)) nextMeaning(what);
  }
}

const issue: TokenReply = 'issue';

function invalidInput(): ExpectedEnd {
  return {
    status: 'failed',
    error: { name: 'Input.Invalid', retryable: false, reimport: false },
  };
}

function meaningOfSecret({ profile }: ScriptedImport, place: number): Meaning | 'secret' {
  switch (profile.kind) {
    case 'custom':
      return place < profile.storeFailures ? { kind: 'transient' } : 'secret';
    case 'unreachable':
      return 'secret';
    default:
      return { kind: 'refused', name: 'Profile.Unknown' };
  }
}

/** One query a step: only a refused token, or a connection that died, allows another request. */
function mayFollow(before: Meaning | 'secret' | undefined, what: string | undefined, next: string) {
  if (before === undefined) return false;
  if (before === 'secret') return next === 'token';
  if (before.kind === 'token') return next === 'query';
  if (before.kind === 'tokenRefused') return what === 'query' && next !== 'query';
  return before.kind === 'transient' && before.mayBeRepeated === true && next === what;
}

function isTokenRefusal(meaning: Meaning | 'secret' | undefined): boolean {
  return typeof meaning === 'object' && meaning.kind === 'tokenRefused';
}

const status = (jobStatus: number) => (jobStatus < 0 ? {} : { job_status: jobStatus });

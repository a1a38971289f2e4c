import { createHash } from 'node:crypto';

/** What AWS takes, since others may start executions by names of their own. */
const executionName = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}]{1,80}$/u;

export function isExecutionName(text: string): boolean {
  return executionName.test(text);
}

/**
 * The name of a ticket's n-th run: `{profile}_{ticket}_{run}`. A profile has no `_`, so it reads
 * back one way only. What is too long becomes `_{sha256}_{run}`; no profile is empty, so no other
 * name looks like that. All of it is of characters that CloudWatch takes too, which logs nothing
 * of an execution with others.
 */
export function nameOfRun(profile: string, ticket: string, run: number): string {
  const subject = `${profile}_${ticket}`;
  const name = `${subject}_${run}`;
  return isExecutionName(name)
    ? name
    : `_${createHash('sha256').update(subject).digest('hex')}_${run}`;
}

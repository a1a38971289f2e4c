import { createHash } from 'node:crypto';

/** AWS's limit. It allows more characters than these, but CloudWatch logs nothing of such names. */
const executionName = /^[A-Za-z0-9_-]{1,80}$/;

export function isExecutionName(text: string): boolean {
  return executionName.test(text);
}

/**
 * The name of a ticket's n-th run: `{profile}_{ticket}_{run}`. A profile has no `_`, so it reads
 * back one way only. What is too long becomes `_{sha256}_{run}`; no profile is empty, so no other
 * name looks like that.
 */
export function nameOfRun(profile: string, ticket: string, run: number): string {
  const subject = `${profile}_${ticket}`;
  const name = `${subject}_${run}`;
  return isExecutionName(name)
    ? name
    : `_${createHash('sha256').update(subject).digest('hex')}_${run}`;
}

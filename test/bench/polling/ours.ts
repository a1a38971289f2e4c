import type { Answer } from '../../../functions/core/answer.ts';
import {
  type Decision,
  decide,
  decideUnasked,
  elapsedSeconds,
  type Memory,
  noMemory,
} from '../../../functions/core/import-decision.ts';
import { jitter } from '../../../functions/core/jitter.ts';
import { firstWaitSeconds, transitionsOf } from '../../../infra/import-costs.ts';
import { refusalAnswer, resultAnswer } from '../../answers.ts';
import type { Asker, Contender, Next, Told } from './contender.ts';

const day = 86_400;

export type Request = { timeoutSeconds?: number; expectedSeconds?: number };

/** What ships: the function's own decisions, with what an execution remembers between them. */
export function ours(request: Request = {}): Contender {
  return {
    id: 'ours',
    name: 'feishu-import-workflow',
    waitFor: (importName) => startExecution(importName, request),
    transitions: transitionsOf,
  };
}

function startExecution(
  importName: string,
  { timeoutSeconds = day, expectedSeconds }: Request,
): Asker {
  const context = {
    ticket: importName,
    timeoutSeconds,
    expectedSeconds,
    outageSeconds: 900,
    accessToken: 'tenant' as const,
  };
  // as query-import.ts does it
  const at = (secondsByClock: number, memory: Memory) => ({
    ...context,
    elapsedSeconds: elapsedSeconds(secondsByClock, memory),
    jitter: jitter(`${importName} ${memory.queries}`),
  });
  const unasked = decideUnasked(noMemory, at(firstWaitSeconds, noMemory));
  let memory = unasked?.memory ?? noMemory;

  return {
    firstWaitSeconds: firstWaitSeconds + memory.waitSeconds,
    next(told, secondsByClock) {
      const decision = decide(answerOf(told, importName), memory, at(secondsByClock, memory));
      memory = decision.memory;
      return nextOf(decision, told);
    },
  };
}

function nextOf(decision: Decision, told: Told): Next {
  if (decision.outcome === 'pending') return { kind: 'wait', seconds: decision.memory.waitSeconds };
  if (decision.outcome === 'succeeded')
    return { kind: told.kind === 'done' ? 'found' : 'misreported' };
  return { kind: 'gave_up' };
}

function answerOf(told: Told, ticket: string): Answer {
  switch (told.kind) {
    case 'running':
      return resultAnswer({ ticket, jobStatus: 2 });
    case 'done_without_token':
      return resultAnswer({ ticket, jobStatus: 0 });
    case 'done':
      return resultAnswer({ ticket, jobStatus: 0, token: 'document' });
    case 'rate_limit':
      return refusalAnswer({
        httpStatus: 429,
        code: 99991400,
        retryAfterSeconds: told.resetSeconds,
      });
    case 'unavailable':
      return refusalAnswer({ httpStatus: 503 });
  }
}

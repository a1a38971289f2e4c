import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalFunction } from '../../infra/local/step-functions/lambda.ts';
import { another, first, type Scenario } from '../state-machine/scenarios.ts';

// Paths on which the function fails, or the machine is stopped.

export type Path = Omit<Scenario, 'ends'> & {
  ends?: Scenario['ends'];
  /** In the real function's place. */
  breaking?: (real: LocalFunction) => LocalFunction;
  /** Makes the state machine another. */
  change?: (definition: string) => string;
  stop?: { afterMs: number; error: string; cause: string };
};

const done = [
  { result: { job_status: 0, token: 'Fm7o', url: 'https://example.feishu.cn/docx/Fm7o' } },
];
const running = [{ result: { job_status: 2 } }];

const succeeds: Scenario['ends'] = { status: 'SUCCEEDED', states: [...first, 'ImportSucceeded'] };
const breaks: Scenario['ends'] = {
  status: 'FAILED',
  states: ['WaitBeforeFirstQuery', 'QueryImport', 'QueryBroken'],
  error: 'Internal.Error',
};

/** Fails so often with an error of the Lambda service, then works. */
const failing =
  (times: number, name: string) =>
  (real: LocalFunction): LocalFunction => {
    let calls = 0;
    return async (event, context) => {
      if (++calls > times) return real(event, context);
      throw Object.assign(new Error('simulated'), { name });
    };
  };

/** So that nobody waits long for the fourth attempt. */
const withShortRetries = (text: string) =>
  text.replaceAll('"MaxDelaySeconds": 60', '"MaxDelaySeconds": 3');

/** Does not answer the first time. */
const hangingOnce = (real: LocalFunction): LocalFunction => {
  let calls = 0;
  return async (event, context) => {
    if (++calls === 1) await sleep(20_000, undefined, { ref: false });
    return real(event, context);
  };
};

/** Answers pending once, otherwise than the real function ever does. */
const answering = (fields: object) => () => async () => ({
  ...{ outcome: 'pending', job_status: 2, wait_seconds: 1, error: '', cause: '', output: {} },
  ...fields,
});

const serviceErrors = [
  'Lambda.TooManyRequestsException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ResourceNotReadyException',
  'Lambda.ResourceConflictException',
  'Lambda.EC2ThrottledException',
  'Lambda.ENILimitReachedException',
  'Lambda.SubnetIPAddressLimitReachedException',
];
const deaths = ['Sandbox.Timedout', 'Runtime.ExitError', 'Lambda.Unknown'];

export const functionScenarios: Path[] = [
  ...serviceErrors.map((name) => ({
    title: `goes on after ${name}`,
    replies: done,
    breaking: failing(1, name),
    ends: succeeds,
  })),
  {
    title: 'goes on after more errors of the Lambda service than a dead function may have',
    replies: done,
    breaking: failing(4, 'Lambda.ServiceException'),
    change: withShortRetries,
    ends: succeeds,
  },
  ...deaths.map((name) => ({
    title: `goes on after three times ${name}`,
    replies: done,
    breaking: failing(3, name),
    change: withShortRetries,
    ends: succeeds,
  })),
  ...deaths.map((name) => ({
    title: `ends with a name after four times ${name}`,
    replies: done,
    breaking: failing(4, name),
    change: withShortRetries,
    ends: breaks,
  })),
  {
    title: 'ends with a name where the function throws',
    replies: done,
    breaking: failing(1, 'TypeError'),
    ends: breaks,
  },
  {
    title: 'goes on after a function that overran its own timeout',
    replies: done,
    breaking: hangingOnce,
    ends: succeeds,
  },
  {
    title: "goes on after a function that overran the task's timeout",
    replies: done,
    breaking: hangingOnce,
    change: (text) => text.replace('"TimeoutSeconds": 60', '"TimeoutSeconds": 2'),
    ends: succeeds,
  },
  {
    title: 'ends where the function returns nothing of what it should',
    replies: done,
    breaking: () => async () => ({}),
  },
  {
    title: 'ends where the function returns half a second to wait',
    replies: done,
    breaking: answering({ wait_seconds: 0.5 }),
  },
  {
    title: 'ends where the function returns no time to wait',
    replies: done,
    breaking: answering({ wait_seconds: undefined }),
  },
  {
    title: 'ends where the function returns a number as the name of an error',
    replies: done,
    breaking: answering({ outcome: 'failed', error: 5 }),
  },
  {
    title: "runs into the machine's own time limit",
    replies: running,
    input: { expected_seconds: 60 },
    change: (text) => text.replace('"TimeoutSeconds": 90000', '"TimeoutSeconds": 4'),
  },
  {
    title: 'is stopped while it waits',
    replies: running,
    input: { expected_seconds: 60 },
    stop: { afterMs: 4000, error: 'Import.Cancelled', cause: '{"message":"enough"}' },
  },
  {
    title: 'goes on after three waits',
    replies: [...running, ...running, ...running, ...done],
    ends: {
      status: 'SUCCEEDED',
      states: [...first, ...another, ...another, ...another, 'ImportSucceeded'],
    },
  },
];

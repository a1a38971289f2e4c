import {
  GetExecutionHistoryCommand,
  InvalidToken,
  paginateGetExecutionHistory,
  ValidationException,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { hangs, pending, startPolling, succeeded } from './polling-machine.ts';

const oneLoop = [
  'TaskStateEntered',
  'LambdaFunctionScheduled',
  'LambdaFunctionStarted',
  'LambdaFunctionSucceeded',
  'TaskStateExited',
  'ChoiceStateEntered',
  'ChoiceStateExited',
  'WaitStateEntered',
  'WaitStateExited',
];

function answers(...list: unknown[]) {
  let index = -1;
  return () => {
    index += 1;
    const answer = list[index];
    if (answer instanceof Error) throw answer;
    return answer;
  };
}

const flaky = () => Object.assign(new Error('once more'), { name: 'Flaky' });

test('tells nine events a loop', async () => {
  const { run, history } = await startPolling({
    query: answers(pending(1), pending(1), succeeded()),
  });

  const { executionArn = '' } = await run('one');
  const events = await history(executionArn);

  expect(events.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'WaitStateEntered',
    'WaitStateExited',
    ...oneLoop,
    ...oneLoop,
    ...oneLoop.slice(0, 7),
    'SucceedStateEntered',
    'SucceedStateExited',
    'ExecutionSucceeded',
  ]);
  expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
  expect(events.map(({ previousEventId }) => previousEventId)).toEqual([
    0,
    0,
    ...events.slice(2).map((_, index) => index + 2),
  ]);
});

test('tells what went into each step and what came out', async () => {
  const { run, history, local } = await startPolling({ query: answers(succeeded({ n: 1 })) });

  const { executionArn = '', startDate } = await run('one', '{"a": 1}');
  const events = await history(executionArn);

  const inputDetails = { truncated: false };
  const outputDetails = { truncated: false };
  const result = '{"outcome":"succeeded","output":{"n":1}}';
  const byType = Object.fromEntries(events.map((event) => [event.type, event]));
  expect(byType.ExecutionStarted).toMatchObject({
    timestamp: startDate,
    executionStartedEventDetails: { input: '{"a": 1}', inputDetails },
  });
  expect(byType.WaitStateEntered?.stateEnteredEventDetails).toEqual({
    name: 'First wait',
    input: '{"a":1}',
    inputDetails,
  });
  expect(byType.WaitStateExited?.stateExitedEventDetails).toEqual({
    name: 'First wait',
    output: '{}',
    outputDetails,
  });
  const scheduled = byType.LambdaFunctionScheduled?.lambdaFunctionScheduledEventDetails;
  expect(scheduled).toMatchObject({
    resource: local.functionArn('QueryArn'),
    timeoutInSeconds: 30,
    inputDetails,
  });
  expect(JSON.parse(scheduled?.input ?? '')).toMatchObject({ input: { a: 1 }, state: {} });
  expect(byType.LambdaFunctionSucceeded?.lambdaFunctionSucceededEventDetails).toEqual({
    output: result,
    outputDetails,
  });
  expect(byType.TaskStateExited?.stateExitedEventDetails?.output).toBe(`{"query":${result}}`);
  expect(byType.ExecutionSucceeded?.executionSucceededEventDetails).toEqual({
    output: '{"n":1}',
    outputDetails,
  });
});

test('tells three events more for each retry, in each visit of the state', async () => {
  const { run, history } = await startPolling({
    query: answers(flaky(), flaky(), pending(1), flaky(), succeeded()),
  });

  const { executionArn = '', status } = await run('one');
  const events = await history(executionArn);

  const failed = ['LambdaFunctionScheduled', 'LambdaFunctionStarted', 'LambdaFunctionFailed'];
  expect(status).toBe('SUCCEEDED');
  expect(events.slice(3, -3).map(({ type }) => type)).toEqual([
    'TaskStateEntered',
    ...failed,
    ...failed,
    ...oneLoop.slice(1),
    'TaskStateEntered',
    ...failed,
    ...oneLoop.slice(1, 7),
  ]);
  expect(events[6]?.lambdaFunctionFailedEventDetails?.error).toBe('Flaky');
});

test('tells of an execution that fails how it failed', async () => {
  const { run, history } = await startPolling({
    query: answers({ outcome: 'failed', error: 'Import.NotFound', cause: '没有' }),
  });

  const described = await run('one');
  const events = await history(described.executionArn ?? '');

  expect(described).toMatchObject({ status: 'FAILED', error: 'Import.NotFound', cause: '没有' });
  expect(described).not.toHaveProperty('output');
  expect(events.slice(-2)).toMatchObject([
    { type: 'FailStateEntered' },
    {
      type: 'ExecutionFailed',
      executionFailedEventDetails: { error: 'Import.NotFound', cause: '没有' },
    },
  ]);
});

test('tells of an execution that runs how far it is', async () => {
  const { start, history, describe } = await startPolling({ query: hangs });

  const executionArn = await start('one');
  await expect
    .poll(async () => (await history(executionArn)).at(-1)?.type, { interval: 2 })
    .toBe('LambdaFunctionStarted');

  const described = await describe(executionArn);
  expect(described.status).toBe('RUNNING');
  expect(described).not.toHaveProperty('stopDate');
  expect(described).not.toHaveProperty('output');
});

test.for([
  [false, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]],
  [true, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]],
] as const)('pages through all events once, reversed: %s', async ([reverseOrder, ids]) => {
  const { run, sfn } = await startPolling();
  const { executionArn } = await run('one');

  const pages = [];
  const paginator = paginateGetExecutionHistory(
    { client: sfn, pageSize: 4 },
    { executionArn, reverseOrder },
  );
  for await (const { events = [] } of paginator) pages.push(events.map(({ id }) => id));

  expect(pages.map((page) => page.length)).toEqual([4, 4, 4, 1]);
  expect(pages.flat()).toEqual(ids);
});

test('gives no token where nothing is left to tell', async () => {
  const { run, sfn } = await startPolling();
  const { executionArn } = await run('one');

  const { events, nextToken } = await sfn.send(
    new GetExecutionHistoryCommand({ executionArn, maxResults: 13 }),
  );

  expect(events).toHaveLength(13);
  expect(nextToken).toBeUndefined();
});

test('takes a hundred events for a page if it is told no number, or 0', async () => {
  let queries = 0;
  const { run, sfn } = await startPolling({
    query: () => {
      queries += 1;
      return queries > 12 ? succeeded() : pending(1);
    },
  });
  const { executionArn } = await run('one');

  const untold = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
  const zero = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 0 }));

  expect(untold.events).toHaveLength(100);
  expect(zero.events).toHaveLength(100);
});

test.for([-1, 1001])('refuses pages of %i events', async (maxResults) => {
  const { run, sfn } = await startPolling();
  const { executionArn } = await run('one');

  const refused = sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults }));

  await expect(refused).rejects.toThrow(ValidationException);
  await expect(refused).rejects.toThrow(`Value '${maxResults}' at 'maxResults'`);
});

test('refuses a token that it did not give for this call', async () => {
  const { run, sfn } = await startPolling();
  const { executionArn } = await run('one');
  const { nextToken } = await sfn.send(
    new GetExecutionHistoryCommand({ executionArn, maxResults: 2 }),
  );

  const invented = new GetExecutionHistoryCommand({ executionArn, nextToken: '2' });
  const turned = new GetExecutionHistoryCommand({ executionArn, nextToken, reverseOrder: true });

  await expect(sfn.send(invented)).rejects.toThrow(InvalidToken);
  await expect(sfn.send(invented)).rejects.toThrow("Invalid Token: 'Invalid token'");
  await expect(sfn.send(turned)).rejects.toThrow(InvalidToken);
});

test('leaves out the data where it is asked to', async () => {
  const { run, sfn } = await startPolling();
  const { executionArn } = await run('one');

  const { events } = await sfn.send(
    new GetExecutionHistoryCommand({ executionArn, includeExecutionData: false }),
  );

  expect(events).toHaveLength(13);
  const text = JSON.stringify(events);
  expect(text).toContain('"inputDetails"');
  expect(text).not.toContain('"input"');
  expect(text).not.toContain('"output"');
});

test('ends an execution with its 25,000th event', async () => {
  const Query = { Type: 'Task', Resource: `\${QueryArn}`, TimeoutSeconds: 30, Next: 'Branch' };
  const Choices = [{ Variable: '$.outcome', StringEquals: 'succeeded', Next: 'End' }];
  const Branch = { Type: 'Choice', Choices, Default: 'Query' };
  const States = { Query, Branch, End: { Type: 'Succeed' } };
  let queries = 0;
  const { run, sfn } = await startPolling({
    definition: JSON.stringify({ StartAt: 'Query', States }),
    query: () => {
      queries += 1;
      return pending();
    },
  });

  const { executionArn, ...described } = await run('one');
  const { events } = await sfn.send(
    new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 2 }),
  );

  const cause = 'The execution reached the maximum number of history events (25000).';
  expect(described).toMatchObject({ status: 'FAILED', error: 'States.Runtime', cause });
  expect(events).toMatchObject([
    { id: 25_000, type: 'ExecutionFailed', executionFailedEventDetails: { cause } },
    // 1 for the start, and 7 a loop
    { id: 24_999, type: oneLoop[(24_999 - 2) % 7] },
  ]);
  expect(queries).toBe(Math.ceil((24_999 - 1) / 7));
});

import { expect, test } from 'vitest';
import {
  type Bucket,
  defaultBuckets,
  tokenBucket,
} from '../../../infra/local/step-functions/token-bucket.ts';
import { hangs, startPolling } from './polling-machine.ts';

function bucketWithClock(bucket: Bucket) {
  let now = 0;
  const take = tokenBucket(bucket, () => now);
  const takeAll = () => {
    let taken = 0;
    while (take()) taken += 1;
    return taken;
  };
  return {
    takeAll,
    passes: (ms: number) => {
      now += ms;
    },
  };
}

test('gives as many tokens as the bucket holds, then as many as run into it', () => {
  const { takeAll, passes } = bucketWithClock({ size: 5, refillPerSecond: 2 });
  const taken = [takeAll(), takeAll()];

  passes(499);
  taken.push(takeAll());
  passes(1);
  taken.push(takeAll());
  passes(1500);
  taken.push(takeAll());
  passes(60_000);
  taken.push(takeAll());

  expect(taken).toEqual([5, 0, 0, 1, 3, 5]);
});

test("has AWS's figures for the smaller regions", () => {
  expect(defaultBuckets).toEqual({
    StartExecution: { size: 800, refillPerSecond: 150 },
    DescribeExecution: { size: 250, refillPerSecond: 10 },
    StopExecution: { size: 500, refillPerSecond: 25 },
    GetExecutionHistory: { size: 400, refillPerSecond: 20 },
    ListExecutions: { size: 100, refillPerSecond: 2 },
  });
});

test('refuses what is over the rate of its operation, and no other', async () => {
  const { start, describe, history } = await startPolling({
    query: hangs,
    throttling: true,
    buckets: { DescribeExecution: { size: 2, refillPerSecond: 0.001 } },
  });
  const arn = await start('one');
  await describe(arn);
  await describe(arn);

  const refused = describe(arn);

  await expect(refused).rejects.toMatchObject({
    name: 'ThrottlingException',
    message: 'Rate exceeded',
    $metadata: { httpStatusCode: 400 },
  });
  await expect(history(arn)).resolves.not.toEqual([]);
});

test('throttles nobody unless it is told to', async () => {
  const { start, describe } = await startPolling({
    query: hangs,
    buckets: { DescribeExecution: { size: 0, refillPerSecond: 0 } },
  });

  const { status } = await describe(await start('one'));

  expect(status).toBe('RUNNING');
});

import { expect, test } from 'vitest';
import { runBatch } from './batch.ts';
import { scriptOf } from './scripts.ts';

// A smaller campaign of fixed seed, without what is slow in real time. All of it: npm run test:faults

test('150 imports end as the model says, whatever Feishu and AWS do to them', async () => {
  const scripts = Array.from({ length: 150 }, (_, number) => scriptOf('ci', number, 0));

  const { wrong, ends } = await runBatch(scripts);

  expect(wrong).toEqual([]);
  expect(Object.keys(ends)).toEqual(
    expect.arrayContaining([
      ...['succeeded', 'Import.TimedOut', 'Feishu.Unavailable', 'Feishu.TokenRejected'],
      ...['Feishu.CredentialsRejected', 'Profile.Unknown', 'Input.Invalid', 'Internal.Error'],
    ]),
  );
}, 60_000);

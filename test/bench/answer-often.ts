import { logAsLambdaDoes } from './lambda-console.ts';
import { context, pendingEvent } from './pending-event.ts';

// A process that loads one function, and answers as many events as it is told, so many at a time.

logAsLambdaDoes();
const { handler } = await import(process.argv[2] ?? '');

process.on('message', async ({ queries, atATime }: { queries: number; atATime: number }) => {
  const each: number[] = [];
  const begun = performance.now();
  await Promise.all(Array.from({ length: atATime }, () => answerInTurn(queries / atATime, each)));
  process.send?.({ each, seconds: (performance.now() - begun) / 1000 });
});
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function answerInTurn(queries: number, each: number[]): Promise<void> {
  for (let query = 0; query < queries; query++) {
    const event = pendingEvent();
    const begun = performance.now();
    await handler(event, context);
    each.push(performance.now() - begun);
  }
}

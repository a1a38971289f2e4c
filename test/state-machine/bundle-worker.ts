import { parentPort, workerData } from 'node:worker_threads';
import type { Context } from 'aws-lambda';

// A thread with an environment of its own, as a function has in Lambda, around a built bundle.

const { handler } = await import(workerData.url);

parentPort?.on('message', async ({ id, event, deadline }) => {
  const context = { getRemainingTimeInMillis: () => deadline - Date.now() } as Context;
  try {
    parentPort?.postMessage({ id, result: await handler(event, context) });
  } catch (thrown) {
    const { name, message } = thrown as Error;
    parentPort?.postMessage({ id, thrown: { name, message } });
  }
});

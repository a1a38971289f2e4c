import { logAsLambdaDoes, writeLine } from './lambda-console.ts';
import { context, pendingEvent } from './pending-event.ts';

// A process that loads one function, answers one event, and says what that took.

logAsLambdaDoes();
const { handler } = await import(process.argv[2] ?? '');
const answer = await handler(pendingEvent(), context);
const { user, system } = process.cpuUsage();
const cpuMs = (user + system) / 1000;
writeLine(1, { answer, cpuMs, rssBytes: process.memoryUsage.rss() });
process.exit();

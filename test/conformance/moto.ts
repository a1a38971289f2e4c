import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateStateMachineCommand } from '@aws-sdk/client-sfn';
import { localClient } from '../../infra/local/step-functions/client.ts';

// moto server runs state machines with an interpreter of its own: LocalStack's.

const startupMs = 25_000;
/** What a shell, or the wrapper of a version manager, returns for a command that is not there. */
const commandNotFound = 127;

/** Starts moto server with its Lambda calls pointed at a port of ours; undefined if it is not installed. */
export async function startMoto(lambdaPort: number) {
  const port = await freePort();
  const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], {
    // moto calls Lambda at MOTO_PORT on this machine
    env: { ...process.env, MOTO_PORT: String(lambdaPort), TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // also where the tests are interrupted
  const kill = () => server.kill();
  process.once('exit', kill);
  let log = '';
  server.stderr.on('data', (data) => {
    log = (log + data).slice(-10_000);
  });
  const failed = new Promise<'not installed'>((resolve, reject) => {
    server.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolve('not installed') : reject(error),
    );
    server.on('exit', (code) =>
      code === commandNotFound
        ? resolve('not installed')
        : reject(new Error(`moto_server has ended with ${code}:\n${log}`)),
    );
  });
  // it ends when we stop it, too
  failed.catch(() => {});

  const url = `http://127.0.0.1:${port}`;
  if ((await Promise.race([failed, answering(server, url)])) === 'not installed') return undefined;
  await fetch(`${url}/moto-api/config`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"stepfunctions":{"execute_state_machine":true}}',
  });

  let accounts = 0;
  return {
    /** A state machine in an account of its own: up to 5.2.2, moto can start only one execution in each. */
    async createStateMachine(definition: string) {
      const account = String(100_000_000_000 + ++accounts);
      const sfn = localClient(url);
      sfn.middlewareStack.add(
        (next) => (args) => {
          Object.assign((args.request as { headers: object }).headers, {
            'x-moto-account-id': account,
          });
          return next(args);
        },
        { step: 'build' },
      );
      const { stateMachineArn } = await sfn.send(
        new CreateStateMachineCommand({
          name: 'import',
          definition,
          roleArn: `arn:aws:iam::${account}:role/local`,
        }),
      );
      return { sfn, stateMachineArn };
    },
    async stop() {
      process.off('exit', kill);
      if (server.exitCode !== null) return;
      const exited = once(server, 'exit');
      server.kill();
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answering(server: ChildProcess, url: string): Promise<'answering'> {
  const deadline = Date.now() + startupMs;
  while (Date.now() < deadline && server.exitCode === null) {
    const answer = await fetch(`${url}/moto-api/`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer) return 'answering';
    await sleep(100);
  }
  server.kill();
  throw new Error(`moto_server did not answer within ${startupMs} ms`);
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

type Answer = { status?: number; body: object } | 'hang up';

/** A Secrets Manager that knows GetSecretValue: over real sockets, in memory. */
export async function startSecretsManager(secrets: Record<string, string | Answer>) {
  const reads: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks = await Array.fromAsync(request);
    const { SecretId: name } = JSON.parse(Buffer.concat(chunks).toString());
    reads.push(name);
    const secret = secrets[name] ?? missing;
    if (secret === 'hang up') return void request.socket.destroy();
    const { status = 200, body } =
      typeof secret === 'string' ? { body: { Name: name, SecretString: secret } } : secret;
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const client = new SecretsManagerClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  return {
    client,
    reads,
    secrets,
    async [Symbol.asyncDispose]() {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const fault = (name: string, status = 400): Answer => ({
  status,
  body: { __type: name, Message: 'as scripted' },
});

const missing = fault('ResourceNotFoundException');

import { randomUUID } from 'node:crypto';
import {
  SecretsManagerClient,
  type SecretsManagerClientConfig,
  SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager';
import { type Request, ServiceFault } from '../aws-json.ts';
import type { SecretsStore } from './store.ts';

/** The SDK's client for Secrets Manager on this machine, which asks nobody who calls. */
export function localSecretsClient(endpoint: string, config: SecretsManagerClientConfig = {}) {
  return new SecretsManagerClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
    ...config,
  });
}

const withVersionId = ['CreateSecret', 'PutSecretValue', 'RotateSecret'];

/** What the SDK throws: `$metadata` is on all of it, a status where there was an answer. */
function asThrownBySdk(error: unknown) {
  if (!(error instanceof ServiceFault)) {
    return Object.assign(error as Error, { $metadata: { attempts: 1 } });
  }
  return new SecretsManagerServiceException({
    name: error.name,
    message: error.message,
    $fault: error.status < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode: error.status, attempts: 1 },
  });
}

/** Takes the SDK's commands as its client does, for thousands of conversations without a socket. */
export function directSecretsClient(store: SecretsStore) {
  async function send(command: { input: object }, options?: { abortSignal?: AbortSignal }) {
    options?.abortSignal?.throwIfAborted();
    const operation = command.constructor.name.replace(/Command$/, '');
    if (!store.isOperation(operation)) throw new Error(`No operation ${operation}`);
    const input: Request = { ...command.input };
    if (withVersionId.includes(operation)) input.ClientRequestToken ??= randomUUID();
    try {
      const output = await store.call(operation, input as never);
      return { $metadata: { httpStatusCode: 200, attempts: 1 }, ...output };
    } catch (error) {
      throw asThrownBySdk(error);
    }
  }
  return { send, destroy() {} } as unknown as SecretsManagerClient;
}

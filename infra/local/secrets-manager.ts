import { serveAwsJson, unknownOperation } from './aws-json.ts';
import { type SecretsStoreOptions, secretsStore } from './secrets-manager/store.ts';

export type LocalSecretsManagerOptions = SecretsStoreOptions & { port?: number };

/** AWS Secrets Manager in this process, for the unmodified AWS SDK. */
export async function startLocalSecretsManager({
  port = 0,
  ...options
}: LocalSecretsManagerOptions = {}) {
  const store = secretsStore(options);
  const server = await serveAwsJson(
    {
      version: '1.1',
      targetPrefix: 'secretsmanager.',
      messageKey: 'Message',
      async answer(operation, readRequest) {
        if (!store.isOperation(operation)) return unknownOperation(operation);
        return store.call(operation, (await readRequest()) as never);
      },
    },
    port,
  );
  let closed: Promise<void> | undefined;
  /** Rotations that are under way go on, and fail. */
  const close = () => {
    closed ??= server.close();
    return closed;
  };
  return {
    url: server.url,
    store,
    requests: store.requests,
    count: store.count,
    reads: store.reads,
    rotations: store.rotations,
    rotationsDone: store.rotationsDone,
    close,
    [Symbol.asyncDispose]: close,
  };
}

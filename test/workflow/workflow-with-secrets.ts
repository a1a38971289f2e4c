import { onTestFinished } from 'vitest';
import { appTicketStore } from '../../functions/credentials/app-ticket-store.ts';
import type { AwsSecrets } from '../../functions/credentials/aws-secrets.ts';
import { awsSecrets } from '../../functions/credentials/aws-secrets.ts';
import { profileSecrets } from '../../functions/credentials/profile-secrets.ts';
import { receiveAppTicket } from '../../functions/receive-app-ticket.ts';
import { renewUserTokens } from '../../functions/renew-user-tokens.ts';
import { rotateUserToken, rotationDependencies } from '../../functions/rotate-user-token.ts';
import { startLocalApi } from '../../infra/local/api-gateway.ts';
import {
  demoApp,
  type FeishuSimulatorOptions,
  startFeishuSimulator,
} from '../../infra/local/feishu-simulator.ts';
import { type LocalWorkflowOptions, startLocalWorkflow } from '../../infra/local/local-workflow.ts';
import { localSecretsClient } from '../../infra/local/secrets-manager/client.ts';
import { startLocalSecretsManager } from '../../infra/local/secrets-manager.ts';

const prefix = 'feishu/';
const rotationFunctionArn = 'arn:aws:lambda:us-east-1:123456789012:function:rotate-user-token';
const context = { getRemainingTimeInMillis: () => 90_000 };

/** One that only the receiver and its own profiles know. */
export const storeApp = {
  appId: 'cli_store',
  appSecret: 'RECOGNISABLE-secret-of-the-store-app',
  encryptKey: 'RECOGNISABLE-encrypt-key',
  verificationToken: 'RECOGNISABLE-verification-token',
  tenantKeys: ['tenant-1'],
};

export type WorkflowWithSecrets = Awaited<ReturnType<typeof startWorkflowWithSecrets>>;

/** The whole workflow with every function that handles credentials: Feishu and Secrets Manager are simulated. */
export async function startWorkflowWithSecrets({
  feishu: feishuOptions = {},
  ...options
}: { feishu?: FeishuSimulatorOptions } & Pick<LocalWorkflowOptions, 'observe'> & {
    beforeRead?: (name: string) => Promise<unknown> | undefined;
    /** Of the functions that keep tickets and renew tokens. */
    log?: (entry: object) => void;
  } = {}) {
  await using starting = new AsyncDisposableStack();
  const simulator = starting.use(
    await startFeishuSimulator({ isvApps: [storeApp], ...feishuOptions }),
  );
  const feishu = { baseUrl: simulator.url, allowedBaseUrls: [], userTokenApi: 'v3' as const };
  const manager = starting.use(
    await startLocalSecretsManager({
      functions: {
        [rotationFunctionArn]: (event) =>
          rotateUserToken(rotationDependencies(feishu, client))(event, context),
      },
    }),
  );
  const client = localSecretsClient(manager.url);
  starting.defer(() => client.destroy());
  const { versions, readSecret } = awsSecrets(client);
  const secrets: AwsSecrets = {
    versions,
    async readSecret(name, deadline) {
      await options.beforeRead?.(name);
      return readSecret(name, deadline);
    },
  };
  const workflow = starting.use(
    await startLocalWorkflow({
      feishu: { ...feishu, profileSecretPrefix: prefix, timeoutMs: 2000, outageSeconds: 60 },
      secrets,
      timeLapse: 1000,
      observe: options.observe,
    }),
  );
  const { log = () => {} } = options;
  const receive = receiveAppTicket({
    config: { isPublic: true, isPrivate: false },
    store: appTicketStore(prefix, versions),
    now: Date.now,
    log,
  });
  const events = await startLocalApi({
    'POST /feishu/events/{app_id}': async (event) => Object(await receive(event, context)),
  });
  starting.defer(events.close);
  simulator.setEventUrl(storeApp.appId, `${events.url}/feishu/events/${storeApp.appId}`);
  const secretsOfProfiles = profileSecrets(
    { profileSecretPrefix: prefix, rotationFunctionArn },
    client,
  );

  function store(name: string, secret: object) {
    return manager.store.CreateSecret({
      Name: prefix + name,
      SecretString: JSON.stringify(secret),
      ClientRequestToken: crypto.randomUUID(),
    });
  }
  const started = starting.move();
  onTestFinished(() => started.disposeAsync());
  return {
    simulator,
    manager,
    workflow,
    storeCustomApp: (profile: string, { appId, appSecret } = demoApp) =>
      store(profile, { kind: 'custom', app_id: appId, app_secret: appSecret }),
    /** Without an `app_ticket`: that comes as an event. */
    async storeTenant(profile: string) {
      await store(profile, { kind: 'isv', app: storeApp.appId, tenant_key: 'tenant-1' });
      await store(`apps/${storeApp.appId}`, {
        app_id: storeApp.appId,
        app_secret: storeApp.appSecret,
        encrypt_key: storeApp.encryptKey,
        verification_token: storeApp.verificationToken,
      });
    },
    /** As if a person had just authorised the app. */
    storeUser(profile: string, { appId, appSecret } = demoApp) {
      const user = simulator.authoriseUser(appId);
      return store(profile, {
        kind: 'user',
        app_id: appId,
        app_secret: appSecret,
        access_token: user.accessToken,
        access_token_expires_at: new Date(user.accessTokenExpiresAt).toISOString(),
        refresh_token: user.refreshToken,
        refresh_token_expires_at: new Date(user.refreshTokenExpiresAt).toISOString(),
      });
    },
    /** What the rule does every 15 minutes, and the rotations that it starts. */
    async renew() {
      const renew = renewUserTokens({ secrets: secretsOfProfiles, now: Date.now, log });
      const report = await renew({}, context);
      await manager.rotationsDone();
      return report;
    },
  };
}

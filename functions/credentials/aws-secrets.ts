import { secretsManager, secretsManagerClient } from './secret-store.ts';
import type { AwsSecrets } from './secret-store-on-demand.ts';
import { secretVersions } from './secret-versions.ts';

/** The secrets in AWS Secrets Manager. */
export function awsSecrets(client = secretsManagerClient(), now = Date.now): AwsSecrets {
  return { readSecret: secretsManager(client, now), versions: secretVersions(client, now) };
}

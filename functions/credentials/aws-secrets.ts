import { type ReadSecret, secretsManager, secretsManagerClient } from './secret-store.ts';
import { type SecretVersions, secretVersions } from './secret-versions.ts';

/** The secrets in AWS, for who reads them and for who writes versions of them. */
export type AwsSecrets = { readSecret: ReadSecret; versions: SecretVersions };

/** The secrets in AWS Secrets Manager. */
export function awsSecrets(client = secretsManagerClient(), now = Date.now): AwsSecrets {
  return { readSecret: secretsManager(client, now), versions: secretVersions(client, now) };
}

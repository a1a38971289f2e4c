import { SFNClient, type SFNClientConfig } from '@aws-sdk/client-sfn';

/** The SDK's client for Step Functions on this machine, which asks nobody who calls. */
export function localClient(endpoint: string, config: SFNClientConfig = {}): SFNClient {
  return new SFNClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    ...config,
  });
}

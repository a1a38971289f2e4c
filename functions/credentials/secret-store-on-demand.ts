import type { AwsSecrets } from './aws-secrets.ts';
import { onDemand } from './on-demand.ts';

/** Secrets Manager, whose client takes as long to load as all the rest: not before a secret is needed. */
export function awsSecretsOnDemand(): AwsSecrets {
  const load = onDemand(async () => {
    const { awsSecrets } = await import('./aws-secrets.ts');
    return awsSecrets();
  });
  return {
    readSecret: async (...asked) => (await load()).readSecret(...asked),
    versions: {
      read: async (...asked) => (await load()).versions.read(...asked),
      create: async (...asked) => (await load()).versions.create(...asked),
      stages: async (...asked) => (await load()).versions.stages(...asked),
      moveStage: async (...asked) => (await load()).versions.moveStage(...asked),
    },
  };
}

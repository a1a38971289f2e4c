import type {
  CreateSecretRequest,
  CreateSecretResponse,
  DeleteSecretRequest,
  DeleteSecretResponse,
  DescribeSecretRequest,
  DescribeSecretResponse,
  GetSecretValueRequest,
  GetSecretValueResponse,
  ListSecretsRequest,
  ListSecretsResponse,
  ListSecretVersionIdsRequest,
  ListSecretVersionIdsResponse,
  PutSecretValueRequest,
  PutSecretValueResponse,
  RotateSecretRequest,
  RotateSecretResponse,
  TagResourceRequest,
  UntagResourceRequest,
  UpdateSecretVersionStageRequest,
  UpdateSecretVersionStageResponse,
} from '@aws-sdk/client-secrets-manager';
import type { Request } from '../aws-json.ts';

/** The operations we know of AWS Secrets Manager's, as its SDK types them. */
export type Api = {
  CreateSecret: { input: CreateSecretRequest; output: CreateSecretResponse };
  DeleteSecret: { input: DeleteSecretRequest; output: DeleteSecretResponse };
  DescribeSecret: { input: DescribeSecretRequest; output: DescribeSecretResponse };
  GetSecretValue: { input: GetSecretValueRequest; output: GetSecretValueResponse };
  ListSecrets: { input: ListSecretsRequest; output: ListSecretsResponse };
  ListSecretVersionIds: {
    input: ListSecretVersionIdsRequest;
    output: ListSecretVersionIdsResponse;
  };
  PutSecretValue: { input: PutSecretValueRequest; output: PutSecretValueResponse };
  RotateSecret: { input: RotateSecretRequest; output: RotateSecretResponse };
  TagResource: { input: TagResourceRequest; output: object };
  UntagResource: { input: UntagResourceRequest; output: object };
  UpdateSecretVersionStage: {
    input: UpdateSecretVersionStageRequest;
    output: UpdateSecretVersionStageResponse;
  };
};

export type OperationName = keyof Api;

export type Operation<Name extends OperationName> = (request: Request) => Api[Name]['output'];

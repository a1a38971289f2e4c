import type { Operation } from './api.ts';
import { pageOf } from './pages.ts';
import { optionalFlag, secretId } from './request-fields.ts';
import type { Secrets } from './secrets.ts';
import { labelsOf } from './staging-labels.ts';

export function listVersions(secrets: Secrets): Operation<'ListSecretVersionIds'> {
  return (request) => {
    const secret = secrets.existing(secretId(request));
    const withDeprecated = optionalFlag(request, 'IncludeDeprecated') ?? false;
    const versions = [...secret.versions.values()].filter(
      ({ labels }) => withDeprecated || labels.size > 0,
    );
    const { page, nextToken } = pageOf(request, versions, [secret.arn, withDeprecated]);
    return {
      ARN: secret.arn,
      Name: secret.name,
      Versions: page.map((version) => ({
        VersionId: version.id,
        VersionStages: labelsOf(version),
        CreatedDate: new Date(version.createdAt),
        ...(version.accessedAt !== undefined && {
          LastAccessedDate: new Date(version.accessedAt),
        }),
      })),
      ...(nextToken !== undefined && { NextToken: nextToken }),
    };
  };
}

import { type Request, ServiceFault } from '../aws-json.ts';
import type { Operation } from './api.ts';
import { listed } from './describe-secret.ts';
import { pageOf } from './pages.ts';
import { optionalFlag, optionalRecords, optionalTexts, requiredText } from './request-fields.ts';
import type { Secret } from './secret.ts';
import type { Secrets } from './secrets.ts';

/** Documented: matched from the start, upper and lower case being different, `!` is "not". */
function matches(texts: string[], pattern: string) {
  const isNegated = pattern.startsWith('!');
  const start = isNegated ? pattern.slice(1) : pattern;
  return texts.some((text) => text.startsWith(start)) !== isNegated;
}

const filtered: Record<string, (secret: Secret) => string[]> = {
  name: ({ name }) => [name],
  'tag-key': ({ tags }) => [...tags.keys()],
  'tag-value': ({ tags }) => [...tags.values()],
};

function filterOf(filter: Request): (secret: Secret) => boolean {
  const key = requiredText(filter, 'Key');
  const patterns = optionalTexts(filter, 'Values') ?? [];
  const textsOf = Object.hasOwn(filtered, key) ? filtered[key] : undefined;
  if (!textsOf) {
    const message = `1 validation error detected: Value '${key}' at 'filters.1.member.key' failed to satisfy constraint: Member must satisfy enum value set, of which this one knows [${Object.keys(filtered).join(', ')}]`;
    throw new ServiceFault('ValidationException', message);
  }
  return (secret) => patterns.some((pattern) => matches(textsOf(secret), pattern));
}

export function listSecrets(secrets: Secrets): Operation<'ListSecrets'> {
  return (request) => {
    const filters = optionalRecords(request, 'Filters');
    const withDeleted = optionalFlag(request, 'IncludePlannedDeletion') ?? false;
    const isWanted = filters.map(filterOf);
    const wanted = secrets
      .all()
      .filter(({ deletedAt }) => withDeleted || deletedAt === undefined)
      .filter((secret) => isWanted.every((passes) => passes(secret)));
    const { page, nextToken } = pageOf(request, wanted, [filters, withDeleted]);
    return {
      SecretList: page.map(listed),
      ...(nextToken !== undefined && { NextToken: nextToken }),
    };
  };
}

import { type Request, ServiceFault } from '../aws-json.ts';
import { optionalInteger, optionalText } from './request-fields.ts';

const tokenOf = (scope: unknown[], from: number) =>
  Buffer.from(JSON.stringify([scope, from])).toString('base64url');

function positionIn(token: string, scope: unknown[]): number {
  try {
    const [, from] = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (tokenOf(scope, from) === token) return from;
  } catch {
    // says no more than the line below
  }
  throw new ServiceFault('InvalidNextTokenException', 'You provided an invalid NextToken value.');
}

/** The page a request asks for; a token holds only for the list it is of. */
export function pageOf<Item>(request: Request, items: Item[], scope: unknown[]) {
  const size = optionalInteger(request, 'MaxResults', 1, 100) ?? 100;
  const token = optionalText(request, 'NextToken', { maxLength: 4096 });
  const from = token === undefined ? 0 : positionIn(token, scope);
  const next = from + size;
  return {
    page: items.slice(from, next),
    ...(next < items.length && { nextToken: tokenOf(scope, next) }),
  };
}

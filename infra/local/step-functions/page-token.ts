import { createHash } from 'node:crypto';
import { ServiceFault } from './service-fault.ts';

const seal = (scope: unknown[], position: number) =>
  createHash('sha256')
    .update(JSON.stringify([scope, position]))
    .digest('base64url');

/** A token that only the call it was made for accepts, as AWS's. */
export const pageToken = (scope: unknown[], position: number) =>
  `${position.toString(36)}.${seal(scope, position)}`;

export function readPageToken(token: string, scope: unknown[]) {
  const position = Number.parseInt(token, 36);
  if (pageToken(scope, position) === token) return position;
  throw new ServiceFault('InvalidToken', "Invalid Token: 'Invalid token'");
}

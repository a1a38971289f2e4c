import { createHash } from 'node:crypto';
import { StepFunctionsFault } from './service-fault.ts';

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
  throw new StepFunctionsFault('InvalidToken', "Invalid Token: 'Invalid token'");
}

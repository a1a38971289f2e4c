import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import { importRequest } from '../contract/execution-input.ts';
import { faultsOf } from '../contract/input-faults.ts';
import { defaultProfile } from '../contract/plain-input.ts';
import { invalid } from './problem.ts';

const { ticket, profile } = importRequest.shape;

const byTicket = z.strictObject({ ticket, profile }).transform((query) => ({
  by: 'ticket' as const,
  ...query,
  profile: query.profile ?? defaultProfile,
}));

export const wrongCursor = 'cursor must be one that a list gave, unchanged';

const byStatus = z
  .strictObject({
    status: z.enum(['running', 'succeeded', 'failed', 'cancelled'], {
      error: 'status must be running, succeeded, failed or cancelled',
    }),
    cursor: z.string().min(1, { error: wrongCursor }).max(3096, { error: wrongCursor }).optional(),
  })
  .transform((query) => ({ by: 'status' as const, ...query }));

export type ListQuery = z.output<typeof byTicket> | z.output<typeof byStatus>;

/** Which list is asked for. Throws a Problem where it is neither. */
export function listQuery({
  queryStringParameters: query = {},
}: APIGatewayProxyEventV2): ListQuery {
  const byBoth = query.ticket !== undefined && query.status !== undefined;
  if (byBoth || (query.ticket === undefined && query.status === undefined)) {
    throw invalid([
      {
        path: '',
        message: `name ${byBoth ? 'one of the two' : 'what to list'}: ?ticket=… (and profile=…) for the runs of a ticket, or ?status=running|succeeded|failed|cancelled (and cursor=…) for all imports`,
      },
    ]);
  }
  const [schema, keys] =
    query.ticket === undefined
      ? [byStatus, ['status', 'cursor']]
      : [byTicket, ['ticket', 'profile']];
  const { data, error } = schema.safeParse(query);
  if (error) throw invalid(faultsOf(error, keys));
  return data;
}

import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { isExecutionName } from '../executions/execution-name.ts';
import { Problem } from './problem.ts';

/** The import that the path names. Throws a Problem where no import can have such an id. */
export function importId({ pathParameters }: APIGatewayProxyEventV2): string {
  const id = pathParameters?.id ?? '';
  if (!isExecutionName(id)) {
    throw new Problem(
      404,
      'No import has such an id: an id is what POST /imports answered, or the name of an execution.',
    );
  }
  return id;
}

export function noSuchImport(id: string): Problem {
  return new Problem(404, `There is no import ${id}.`);
}

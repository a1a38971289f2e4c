import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { importAnswer, jsonAnswer } from './api/answers.ts';
import { type ApiDependencies, bindToAws } from './api/dependencies.ts';
import { type Endpoint, endpoint } from './api/endpoint.ts';
import { importId, noSuchImport } from './api/import-id.ts';
import { type ListQuery, listQuery, wrongCursor } from './api/list-query.ts';
import { invalid, Problem } from './api/problem.ts';
import { isNamed } from './executions/aws-errors.ts';
import { nameOfRun } from './executions/execution-name.ts';
import { readLastRun } from './executions/last-run.ts';

const mostRunsListed = 20;

/** Our words for Step Functions' own. */
const statusFilter = {
  running: 'RUNNING',
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
  cancelled: 'ABORTED',
} as const;

/** `GET /imports/{id}` and the two lists of `GET /imports`; and the 405 and 404 of every other route. */
export function getImport({ executions, reader, now }: ApiDependencies): Endpoint {
  async function one(event: APIGatewayProxyEventV2) {
    const id = importId(event);
    const resource = await reader.read(id);
    if (!resource) throw noSuchImport(id);
    return importAnswer(200, resource, now());
  }

  async function runsOfTicket({ ticket, profile }: Extract<ListQuery, { by: 'ticket' }>) {
    const idOf = (run: number) => nameOfRun(profile, ticket, run);
    const { run: last, seen } = await readLastRun(reader, idOf);
    const runs = Array.from({ length: Math.min(last, mostRunsListed) }, (_, index) => last - index);
    const found = await Promise.all(runs.map((run) => seen.get(run) ?? reader.read(idOf(run))));
    return jsonAnswer(200, { imports: found.filter((resource) => resource !== undefined) });
  }

  async function allWithStatus({ status, cursor }: Extract<ListQuery, { by: 'status' }>) {
    const page = await executions.list(statusFilter[status], cursor).catch((error: unknown) => {
      throw isNamed(error, 'InvalidToken')
        ? invalid([{ path: 'cursor', message: wrongCursor }])
        : error;
    });
    const imports = page.executions.map(({ id, startedAt, finishedAt }) => ({
      id,
      status,
      started_at: startedAt.toISOString(),
      finished_at: finishedAt?.toISOString() ?? null,
    }));
    return jsonAnswer(200, { imports, cursor: page.cursor });
  }

  return endpoint(async (event): Promise<APIGatewayProxyStructuredResultV2> => {
    switch (event.routeKey) {
      case 'GET /imports/{id}':
        return one(event);
      case 'GET /imports': {
        const query = listQuery(event);
        return query.by === 'ticket' ? runsOfTicket(query) : allWithStatus(query);
      }
      case 'ANY /imports':
        throw wrongMethod(event, 'GET, POST');
      case 'ANY /imports/{id}':
        throw wrongMethod(event, 'GET, DELETE');
      default:
        throw new Problem(404, 'No such path: the API is /imports and /imports/{id}.');
    }
  });
}

function wrongMethod({ requestContext }: APIGatewayProxyEventV2, allow: string): Problem {
  const { method } = requestContext.http;
  return new Problem(405, `${method} is not allowed here; use ${allow.replace(', ', ' or ')}.`, {
    headers: { allow },
  });
}

export const handler = bindToAws(getImport);

import { importAnswer } from './api/answers.ts';
import { type ApiDependencies, bindToAws } from './api/dependencies.ts';
import { type Endpoint, endpoint } from './api/endpoint.ts';
import { jsonBody } from './api/json-body.ts';
import { invalid, Problem } from './api/problem.ts';
import { importRequest, requestKeys } from './contract/execution-input.ts';
import { faultsOf } from './contract/input-faults.ts';
import { defaultProfile } from './contract/plain-input.ts';
import { parseJson } from './core/json.ts';
import { nameOfRun } from './executions/execution-name.ts';
import { type Execution, startedExecution } from './executions/executions.ts';
import { type ImportResource, importResource, isDecided } from './executions/import-resource.ts';
import { readLastRun } from './executions/last-run.ts';
import { progressAtStart } from './executions/progress.ts';

/** Between our look for the last run and our start of the next, others may start it; hardly ever so often. */
const mostTries = 5;

/** `POST /imports`: starts the next run of a ticket, or finds the one that makes another needless. */
export function startImport({ executions, reader, now }: ApiDependencies): Endpoint {
  return endpoint(async (event) => {
    const { data: request, error } = importRequest.safeParse(jsonBody(event));
    if (error) throw invalid(faultsOf(error, requestKeys));

    const { ticket, profile = defaultProfile } = request;
    const idOf = (run: number) => nameOfRun(profile, ticket, run);
    const input = JSON.stringify({ ...request, request_id: event.requestContext.requestId });

    /** The last of the runs, one of which is known to exist. */
    async function lastRun(known: number): Promise<{ run: number; resource: ImportResource }> {
      const { run, seen } = await readLastRun(reader, idOf, known);
      const resource = seen.get(run) ?? (await reader.read(idOf(run)));
      // its name is taken, yet nobody can see it: it was started a moment ago
      return {
        run,
        resource: resource ?? importResource(startedExecution(idOf(run), input, new Date(now()))),
      };
    }

    let run = 1;
    for (let tries = 0; tries < mostTries; tries++) {
      const started = await executions.start(idOf(run), input);
      if (started) {
        return importAnswer(202, justStarted(started), now(), locationOf(started));
      }
      const last = await lastRun(run);
      if (last.resource.status === 'running' || isDecided(last.resource)) {
        return importAnswer(200, last.resource, now(), locationOf(last.resource));
      }
      run = last.run + 1;
    }
    throw new Problem(503, 'Other requests keep starting runs of this ticket: try again soon.', {
      headers: { 'retry-after': '5' },
    });
  });
}

function justStarted(execution: Execution): ImportResource {
  const { startedAt, input } = execution;
  return importResource(execution, progressAtStart(startedAt, parseJson(input)));
}

function locationOf({ id }: { id: string }): { location: string } {
  return { location: `/imports/${id}` };
}

export const handler = bindToAws(startImport);

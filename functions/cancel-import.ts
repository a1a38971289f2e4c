import { jsonAnswer } from './api/answers.ts';
import { type ApiDependencies, bindToAws } from './api/dependencies.ts';
import { type Endpoint, endpoint } from './api/endpoint.ts';
import { importId, noSuchImport } from './api/import-id.ts';
import { importResource } from './executions/import-resource.ts';

const cause = 'Cancelled by DELETE /imports/{id}. The import itself goes on in Feishu.';

/** `DELETE /imports/{id}`: stops waiting. Feishu knows no way to stop the import itself. */
export function cancelImport({ executions }: ApiDependencies): Endpoint {
  return endpoint(async (event) => {
    const id = importId(event);
    const before = await executions.lookPatiently(id);
    if (!before) throw noSuchImport(id);
    if (before.status !== 'RUNNING') return jsonAnswer(200, importResource(before));

    const finishedAt = await executions.stop(id, cause);
    // it may have ended by itself between our look and our stop, which then changed nothing; where
    // nobody can tell, it was stopped
    const after = (await executions.look(id).catch(() => undefined)) ?? before;
    return after.status === 'RUNNING' || after.status === 'ABORTED'
      ? jsonAnswer(202, importResource({ ...before, status: 'ABORTED', finishedAt }))
      : jsonAnswer(200, importResource(after));
  });
}

export const handler = bindToAws(cancelImport);

import { isNamed, isThrottled } from './aws-errors.ts';
import type { Execution, Executions } from './executions.ts';
import { type ImportResource, importResource } from './import-resource.ts';
import { type Progress, progressOf } from './progress.ts';

/** A warm function's memory of what can change no more: some megabytes at the most. */
const mostRemembered = 1000;

export type ImportReader = ReturnType<typeof importReader>;

/** Reads imports, and asks AWS no second time about one that has ended. */
export function importReader(executions: Executions) {
  const ended = new Map<string, ImportResource>();

  async function progress(id: string): Promise<Progress | undefined> {
    try {
      return progressOf(await executions.newestEvents(id));
    } catch (error) {
      // progress is an extra: the import itself has been read
      if (!isThrottled(error) && !isNamed(error, 'ExecutionDoesNotExist')) console.error(error);
      return undefined;
    }
  }

  function remember(resource: ImportResource): void {
    const [oldest] = ended.size >= mostRemembered ? ended.keys() : [];
    if (oldest !== undefined) ended.delete(oldest);
    ended.set(resource.id, resource);
  }

  async function resourceOf(execution: Execution): Promise<ImportResource> {
    const resource = importResource(execution);
    if (resource.status === 'running') {
      return importResource(execution, await progress(execution.id));
    }
    remember(resource);
    return resource;
  }

  const readBy = (look: Executions['look']) => async (id: string) => {
    const known = ended.get(id);
    if (known) return known;
    const execution = await look(id);
    return execution && resourceOf(execution);
  };

  return {
    /** Undefined where there is no such import; one that may just have been started is waited for. */
    read: readBy(executions.lookPatiently),

    /** The same, but one that cannot be seen now is not there. */
    readNow: readBy(executions.look),
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { ImportResource } from '../../functions/executions/import-resource.ts';
import type { LocalWorkflow } from '../../infra/local/local-workflow.ts';

export async function postImport({ url }: LocalWorkflow, body: object): Promise<ImportResource> {
  const response = await fetch(`${url}/imports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`POST /imports: ${response.status} ${JSON.stringify(answer)}`);
  return answer as ImportResource;
}

export async function readImport({ url }: LocalWorkflow, id: string): Promise<ImportResource> {
  const response = await fetch(`${url}/imports/${id}`);
  if (!response.ok) throw new Error(`GET /imports/${id}: ${response.status}`);
  return (await response.json()) as ImportResource;
}

/** Starts an import and reads it again and again until it has ended. */
export async function finishedImport(
  workflow: LocalWorkflow,
  body: object,
): Promise<ImportResource> {
  let resource = await postImport(workflow, body);
  while (resource.status === 'running') {
    await sleep(20);
    resource = await readImport(workflow, resource.id);
  }
  return resource;
}

import { faultsOf, type Operation, type Response, resolved, written } from './openapi-document.ts';

/** The document's, by the routes that API Gateway has. */
export const operations: Record<string, Operation> = {
  'POST /imports': written.paths['/imports'].post,
  'GET /imports': written.paths['/imports'].get,
  'GET /imports/{id}': written.paths['/imports/{id}'].get,
  'DELETE /imports/{id}': written.paths['/imports/{id}'].delete,
};

export type Answered = { status: number; headers: Record<string, unknown>; json: unknown };

/** What of an answer is not as the document has it. */
export function faultsOfAnswer(route: string, method: string, { status, headers, json }: Answered) {
  const documented = operations[route]?.responses[status];
  if (!documented) return [`${route} has no ${status} in the document`];
  const response = resolved<Response>(documented);
  const [[mediaType, { schema }] = ['', { schema: {} }]] = Object.entries(response.content);
  const faults = method === 'HEAD' ? [] : faultsOf(schema, json);
  if (headers['content-type'] !== mediaType) faults.push(`content-type is not ${mediaType}`);

  for (const [name, reference] of Object.entries(response.headers ?? {})) {
    const { required, schema } = resolved(reference);
    const value = headers[name.toLowerCase()];
    const isNumber = schema.type === 'integer';
    if (value !== undefined) {
      faults.push(...faultsOf(schema, isNumber ? Number(value) : value).map((it) => name + it));
    } else if (required || (name === 'Retry-After' && isRunning(json))) {
      faults.push(`${name} is missing`);
    }
  }
  return faults;
}

function isRunning(json: unknown): boolean {
  return (json as { status?: unknown } | undefined)?.status === 'running';
}

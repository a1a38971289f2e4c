import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ImportResource } from '../executions/import-resource.ts';

/** No caller needs to look more often, and AWS's own limits would not let many. */
const shortestRetryAfter = 5;

export function jsonAnswer(
  statusCode: number,
  body: unknown,
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}

/** An import's resource; while it runs with `Retry-After`: look again once Feishu has been asked again. */
export function importAnswer(
  statusCode: number,
  resource: ImportResource,
  nowMs: number,
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 {
  if (resource.status !== 'running') return jsonAnswer(statusCode, resource, headers);

  const nextQueryMs = resource.progress ? Date.parse(resource.progress.next_query_at) : nowMs;
  const seconds = Math.max(shortestRetryAfter, Math.ceil((nextQueryMs - nowMs) / 1000) + 1);
  return jsonAnswer(statusCode, resource, { 'retry-after': String(seconds), ...headers });
}

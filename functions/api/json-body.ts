import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { invalid, Problem } from './problem.ts';

/** What Step Functions takes as an input; far more than any valid body needs. */
const longestBody = 262_144;

/** The body as JSON, of any shape. Throws a Problem: 400, 413 or 415. */
export function jsonBody({ headers, body = '', isBase64Encoded }: APIGatewayProxyEventV2): unknown {
  const contentType = headers['content-type'] ?? '';
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType.trim())) {
    const sent = contentType
      ? `not ${JSON.stringify(contentType.slice(0, 100))}`
      : 'and none was sent';
    throw new Problem(415, `The content-type must be application/json, ${sent}.`, {
      headers: { accept: 'application/json' },
    });
  }
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > longestBody) {
    throw new Problem(413, `The body has ${bytes.length} bytes; at most ${longestBody} are taken.`);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalid([{ path: '', message: `the body is not JSON: ${why}` }]);
  }
}

import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { isServiceFault, isThrottled } from '../executions/aws-errors.ts';
import { Problem, problemAnswer } from './problem.ts';

export type Endpoint = (
  event: APIGatewayProxyEventV2,
) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * Makes every fault an answer: a Problem as it is, AWS's throttling as 429; what nobody expects as
 * 503 where AWS does not answer, else as 500, and as a line in the log.
 */
export function endpoint(answer: Endpoint): Endpoint {
  return async (event) => {
    try {
      return await answer(event);
    } catch (error) {
      return problemAnswer(error instanceof Problem ? error : problemOf(error));
    }
  };
}

function problemOf(error: unknown): Problem {
  const headers = { 'retry-after': '5' };
  if (isThrottled(error)) {
    return new Problem(429, 'AWS Step Functions asks for fewer requests: try again soon.', {
      headers,
    });
  }
  console.error(error);
  if (isServiceFault(error)) {
    return new Problem(503, 'AWS Step Functions cannot answer now: try again soon.', { headers });
  }
  return new Problem(500, 'Something broke here; the log of the function says what.');
}

import { expect, test } from 'vitest';
import { invalid, Problem, problemAnswer } from '../../functions/api/problem.ts';

test('answers as application/problem+json, which nobody may keep', () => {
  const { statusCode, headers } = problemAnswer(new Problem(404, 'There is no import a.'));

  expect(statusCode).toBe(404);
  expect(headers).toEqual({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  });
});

test.for([
  [400, 'Bad Request'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [413, 'Payload Too Large'],
  [415, 'Unsupported Media Type'],
  [429, 'Too Many Requests'],
  [500, 'Internal Server Error'],
  [503, 'Service Unavailable'],
] as const)('calls a %i "%s"', ([status, title]) => {
  const { body = '' } = problemAnswer(new Problem(status, 'what is wrong'));

  expect(JSON.parse(body)).toEqual({ type: 'about:blank', title, status, detail: 'what is wrong' });
});

test('adds the headers of the problem', () => {
  const problem = new Problem(405, 'not here', { headers: { allow: 'GET' } });

  expect(problemAnswer(problem).headers).toMatchObject({ allow: 'GET' });
});

test('tells every fault of an invalid request, in one sentence and one by one', () => {
  const errors = [
    { path: 'ticket', message: 'ticket is missing' },
    { path: 'more', message: '"more" is not known here' },
  ];

  const { body = '' } = problemAnswer(invalid(errors));

  expect(JSON.parse(body)).toEqual({
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    detail: 'ticket is missing; "more" is not known here',
    errors,
  });
});

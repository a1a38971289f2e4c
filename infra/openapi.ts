import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import * as z from 'zod';
import { componentSchemas, type JsonSchema, listedStatus } from './openapi-schemas.ts';

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')));

const schemaRef = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const headerRef = (name: string) => ({ $ref: `#/components/headers/${name}` });
const responseRef = (name: string) => ({ $ref: `#/components/responses/${name}` });
const parameterRef = (name: string) => ({ $ref: `#/components/parameters/${name}` });

/** The HTTP API as an OpenAPI 3.1 document; `infra/openapi.json` is this. */
export function openapi() {
  return {
    openapi: '3.1.0',
    info: {
      title: 'feishu-import-workflow',
      version,
      summary: 'Waits for Feishu/Lark import tasks and tells exactly what became of each.',
      description: [
        'POST the ticket of an import task, then look at `Location` until the import is no longer `running`, no sooner than `Retry-After` says. A repeated POST is safe: no ticket is waited for twice.',
        'Faults come as `application/problem+json` (RFC 9457). What API Gateway answers itself, before any function runs (a refused signature, a request that is not in order, a body over 10 MB, its own throttling), has a shape of its own: a JSON object with `message`.',
        'Times are ISO 8601 in UTC.',
      ].join('\n\n'),
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      { url: '/', description: 'Where this document is served: on your machine, by `npm start`.' },
      {
        url: 'https://{host}',
        description: 'A deployed API.',
        variables: {
          host: { default: 'api.example.com', description: "The API's host, of the deployment." },
        },
      },
    ],
    tags: [{ name: 'imports', description: 'Imports that are, or were, waited for.' }],
    security: [{ sigv4: [] }, { jwt: [] }],
    paths: {
      '/imports': { post: startImport, get: listImports },
      '/imports/{id}': {
        parameters: [parameterRef('id')],
        get: getImport,
        delete: cancelImport,
      },
    },
    components: {
      schemas: componentSchemas(),
      parameters,
      headers,
      responses: faults,
      securitySchemes,
    },
  };
}

const parameters = {
  id: {
    name: 'id',
    in: 'path',
    required: true,
    description:
      'The `id` that `POST /imports` answered, or the name of any execution of the state machine.',
    schema: { type: 'string', minLength: 1, maxLength: 80 },
    example: 'default_7369583175086912356_1',
  },
  ticket: {
    name: 'ticket',
    in: 'query',
    description: 'Lists the runs of this ticket. Goes with `profile` only.',
    schema: { $ref: '#/components/schemas/ImportRequest/properties/ticket' },
  },
  profile: {
    name: 'profile',
    in: 'query',
    description: "The ticket's credentials. Goes with `ticket` only.",
    schema: { $ref: '#/components/schemas/ImportRequest/properties/profile' },
  },
  status: {
    name: 'status',
    in: 'query',
    description:
      'Lists all imports with this status, as Step Functions counts: a timed-out import has failed there, and one that failed with `on_failure: "return"` has succeeded. Goes with `cursor` only.',
    schema: { type: 'string', enum: listedStatus.options },
  },
  cursor: {
    name: 'cursor',
    in: 'query',
    description: 'The next page: the `cursor` of the page before, unchanged. Goes with `status`.',
    schema: { type: 'string', minLength: 1, maxLength: 3096 },
  },
};

const secondsToWait = { type: 'integer', minimum: 5 };

const headers = {
  Location: {
    description: 'Where the import is.',
    required: true,
    schema: { type: 'string', pattern: '^/imports/[A-Za-z0-9_-]{1,80}$' },
    example: '/imports/default_7369583175086912356_1',
  },
  RetryAfter: {
    description: 'Try again after so many seconds.',
    required: true,
    schema: secondsToWait,
    example: 5,
  },
  RetryAfterWhileRunning: {
    description: 'Look again after so many seconds: there while the import is running.',
    schema: secondsToWait,
    example: 5,
  },
  Accept: {
    description: 'The content type that is taken.',
    required: true,
    schema: { const: 'application/json' },
  },
};

const securitySchemes = {
  sigv4: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description:
      'AWS Signature Version 4, for the service `execute-api`; the caller needs the right `execute-api:Invoke`. On your machine nobody asks.',
    'x-amazon-apigateway-authtype': 'awsSigv4',
  },
  jwt: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'Instead of signatures, where the deployment has a JWT authoriser.',
  },
};

type Headers = Record<string, unknown>;

function answer(
  description: string,
  schema: JsonSchema,
  { headers, examples }: { headers?: Headers; examples?: Record<string, unknown> } = {},
) {
  const named = Object.entries(examples ?? {}).map(([name, value]) => [name, { value }]);
  return {
    description,
    ...(headers && { headers }),
    content: {
      'application/json': {
        schema,
        ...(named.length > 0 && { examples: Object.fromEntries(named) }),
      },
    },
  };
}

function problem(
  status: number,
  description: string,
  { detail, errors, headers }: { detail: string; errors?: object[]; headers?: Headers },
) {
  const title = STATUS_CODES[status];
  const schema = {
    ...schemaRef('Problem'),
    properties: {
      title: { const: title },
      status: { const: status },
      ...(!errors && { errors: false }),
    },
    ...(errors && { required: ['errors'] }),
  };
  const example = { type: 'about:blank', title, status, detail, ...(errors && { errors }) };
  return {
    description,
    ...(headers && { headers }),
    content: { 'application/problem+json': { schema, example } },
  };
}

/** A method that the path has not; OpenAPI has a place for it only among the answers to those it has. */
function wrongMethod(path: string, methods: [string, string]) {
  return problem(405, `Any other method than ${methods.join(' and ')}.`, {
    detail: `PUT is not allowed here; use ${methods.join(' or ')}.`,
    headers: {
      Allow: {
        description: `The methods of ${path}.`,
        required: true,
        schema: { const: methods.join(', ') },
      },
    },
  });
}

const retryAfter = { 'Retry-After': headerRef('RetryAfter') };

const faults = {
  NotAuthenticated: answer(
    "A token is missing or refused, where a JWT authoriser asks for one (API Gateway's own answer).",
    schemaRef('GatewayFault'),
    { examples: { refused: { message: 'Unauthorized' } } },
  ),
  NotAllowed: answer(
    "The signature is missing or wrong, or the caller has no right to this (API Gateway's own answer).",
    schemaRef('GatewayFault'),
    { examples: { refused: { message: 'Forbidden' } } },
  ),
  NotFound: problem(404, 'There is no such import, or no such path.', {
    detail: 'There is no import default_7369583175086912356_1.',
  }),
  TooLong: problem(413, 'The body is longer than 262,144 bytes.', {
    detail: 'The body has 300000 bytes; at most 262144 are taken.',
  }),
  NotJson: problem(415, 'The content type of the body is not JSON.', {
    detail: 'The content-type must be application/json, not "text/plain".',
    headers: { Accept: headerRef('Accept') },
  }),
  TooManyRequests: problem(429, 'AWS asks for fewer requests.', {
    detail: 'AWS Step Functions asks for fewer requests: try again soon.',
    headers: retryAfter,
  }),
  Broken: problem(500, 'Something broke here.', {
    detail: 'Something broke here; the log of the function says what.',
  }),
  Unavailable: problem(503, 'AWS does not answer now.', {
    detail: 'AWS Step Functions cannot answer now: try again soon.',
    headers: retryAfter,
  }),
  WrongMethodForImports: wrongMethod('/imports', ['GET', 'POST']),
  WrongMethodForImport: wrongMethod('/imports/{id}', ['GET', 'DELETE']),
};

const everywhere = {
  401: responseRef('NotAuthenticated'),
  403: responseRef('NotAllowed'),
  429: responseRef('TooManyRequests'),
  500: responseRef('Broken'),
  503: responseRef('Unavailable'),
};

const started = {
  id: 'default_7369583175086912356_1',
  ticket: '7369583175086912356',
  profile: 'default',
  started_at: '2026-11-22T13:00:37.967Z',
  finished_at: null,
  status: 'running',
};

const justStarted = {
  ...started,
  progress: {
    queries: 0,
    job_status: -1,
    meaning: 'Feishu has not reported a status yet',
    meaning_zh: '飞书尚未返回状态',
    next_query_at: '2026-11-22T13:00:40.967Z',
  },
};

const running = {
  ...started,
  progress: {
    queries: 2,
    job_status: 2,
    meaning: 'task is being processed',
    meaning_zh: '处理中',
    next_query_at: '2026-11-22T13:00:43.040Z',
  },
};

const ended = { ...started, finished_at: '2026-11-22T13:00:51.967Z' };

const succeeded = {
  ...ended,
  status: 'succeeded',
  job_status: 0,
  complete: false,
  document: {
    type: 'sheet',
    token: 'Fm7osyjtMh5o7Ktrv32c73abcef',
    url: 'https://example.feishu.cn/sheets/Fm7osyjtMh5o7Ktrv32c73abcef',
  },
  warnings: [
    {
      code: '2000',
      applies_to: 'sheet',
      meaning: 'too many columns; the rest was cut off',
      meaning_zh: '表格列数超过最大限制',
    },
  ],
  queries: 6,
  elapsed_seconds: 14,
};

const failed = {
  ...ended,
  status: 'failed',
  job_status: 100,
  error: {
    name: 'Import.FileEncrypted',
    message: 'Feishu could not import the file: source file is encrypted (job_status 100).',
    message_zh: '飞书未能导入该文件：导入文档已加密（job_status 100）。',
    advice: 'Remove the password or encryption from the file, then upload and import it again.',
    advice_zh: '请先解除文件的密码或加密，然后重新上传并导入。',
    ticket: started.ticket,
    retryable: false,
    reimport: false,
    job_status: 100,
    job_error_msg: 'file is encrypted',
    http_status: 200,
    log_id: '20261122131734F4',
    queries: 2,
    elapsed_seconds: 3,
  },
  queries: 2,
  elapsed_seconds: 3,
};

const cancelled = { ...ended, status: 'cancelled' };

/** An import with one of these statuses. */
function importWith(...statuses: string[]) {
  const status = statuses.length === 1 ? { const: statuses[0] } : { enum: statuses };
  return { ...schemaRef('Import'), properties: { status } };
}

const startImport = {
  operationId: 'startImport',
  tags: ['imports'],
  summary: 'Wait for a ticket',
  description:
    'Starts waiting, unless that is needless: this ticket (of this profile) is running, has succeeded, or Feishu has said for good that it failed. After every other end (timed out, cancelled, credentials, outage …) the same ticket starts a new run.',
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: schemaRef('ImportRequest'),
        example: { ticket: started.ticket, timeout_seconds: 1800 },
      },
    },
  },
  responses: {
    200: answer(
      'The import, which made another run needless.',
      importWith('running', 'succeeded', 'failed'),
      {
        headers: {
          Location: headerRef('Location'),
          'Retry-After': headerRef('RetryAfterWhileRunning'),
        },
        examples: { running, succeeded, failed },
      },
    ),
    202: answer('The import, newly waited for.', importWith('running'), {
      headers: { Location: headerRef('Location'), ...retryAfter },
      examples: { started: justStarted },
    }),
    400: problem(400, 'The body is not JSON, or not a valid request.', {
      detail: 'timeout_seconds must be a whole number of seconds from 1 to 86400 (a day)',
      errors: [
        {
          path: 'timeout_seconds',
          message: 'timeout_seconds must be a whole number of seconds from 1 to 86400 (a day)',
        },
      ],
    }),
    405: responseRef('WrongMethodForImports'),
    413: responseRef('TooLong'),
    415: responseRef('NotJson'),
    ...everywhere,
  },
};

const listImports = {
  operationId: 'listImports',
  tags: ['imports'],
  summary: 'List the runs of a ticket, or all imports with a status',
  description:
    'Name one of the two: `ticket` (and `profile`) or `status` (and `cursor`). Any other parameter is an error, and so is one that comes twice. Starts nothing.',
  parameters: ['ticket', 'profile', 'status', 'cursor'].map(parameterRef),
  responses: {
    200: answer(
      'The list, newest first.',
      { anyOf: [schemaRef('RunsOfTicket'), schemaRef('ImportsByStatus')] },
      {
        examples: {
          'runs of a ticket': { imports: [running] },
          'imports with a status': {
            imports: [
              {
                id: failed.id,
                status: failed.status,
                started_at: failed.started_at,
                finished_at: failed.finished_at,
              },
            ],
          },
        },
      },
    ),
    400: problem(400, 'The parameters name no list.', {
      detail: 'status must be running, succeeded, failed or cancelled',
      errors: [
        { path: 'status', message: 'status must be running, succeeded, failed or cancelled' },
      ],
    }),
    405: responseRef('WrongMethodForImports'),
    ...everywhere,
  },
};

const getImport = {
  operationId: 'getImport',
  tags: ['imports'],
  summary: 'Look how far an import is, or what became of it',
  responses: {
    200: answer('The import.', schemaRef('Import'), {
      headers: { 'Retry-After': headerRef('RetryAfterWhileRunning') },
      examples: { running, succeeded, failed },
    }),
    404: responseRef('NotFound'),
    405: responseRef('WrongMethodForImport'),
    ...everywhere,
  },
};

const cancelImport = {
  operationId: 'cancelImport',
  tags: ['imports'],
  summary: 'Stop waiting for an import',
  description: 'Nobody waits any more; the import itself goes on in Feishu, which cannot stop it.',
  responses: {
    200: answer(
      'The import, which had ended before.',
      importWith('succeeded', 'failed', 'timed_out', 'cancelled'),
      { examples: { succeeded, failed } },
    ),
    202: answer('The import, cancelled.', importWith('cancelled'), { examples: { cancelled } }),
    404: responseRef('NotFound'),
    405: responseRef('WrongMethodForImport'),
    ...everywhere,
  },
};

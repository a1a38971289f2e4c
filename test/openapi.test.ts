import { SFNClient } from '@aws-sdk/client-sfn';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { importRequest } from '../functions/contract/execution-input.ts';
import { apiRoutes } from '../infra/local/local-workflow.ts';
import { openapi } from '../infra/openapi.ts';
import { at, faultsOf, nodes, validatorOf, written } from './openapi-document.ts';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

test('is as the code is now ("npm run openapi" writes it)', () => {
  expect(written).toEqual(openapi());
});

test('is an OpenAPI 3.1 document', () => {
  expect(z.prettifyError(document.safeParse(written).error ?? new z.ZodError([]))).toBe('');
});

test('names every part that it refers to, and refers to every part that it names', () => {
  const refs = nodes().flatMap(({ node }) => ('$ref' in node ? [String(node.$ref)] : []));
  const parts = Object.entries<object>(written.components)
    .filter(([kind]) => kind !== 'securitySchemes')
    .flatMap(([kind, named]) => Object.keys(named).map((name) => `#/components/${kind}/${name}`));

  expect(refs.filter((ref) => at(ref) === undefined)).toEqual([]);
  expect(parts.filter((part) => !refs.includes(part))).toEqual([]);
});

test('has every route of the API, and no other', () => {
  const sfn = new SFNClient({ region: 'us-east-1' });
  const routes = Object.keys(
    apiRoutes({ sfn, stateMachineArn: 'arn:aws:states:::stateMachine:a' }),
  );

  const described = Object.entries<object>(written.paths).flatMap(([path, item]) =>
    methods.filter((method) => method in item).map((method) => `${method.toUpperCase()} ${path}`),
  );

  expect(described.toSorted()).toEqual(
    routes.filter((route) => route !== '$default' && !route.startsWith('ANY ')).toSorted(),
  );
});

test('has JSON schemas that a strict validator takes', () => {
  const named = Object.values<Record<string, unknown>>(written.components.schemas);

  for (const schema of [...named, ...placesOfSchemas().map(({ schema }) => schema)]) {
    expect(() => validatorOf(schema)).not.toThrow();
  }
});

test('gives no example that its own schema does not take', () => {
  const wrong = placesOfSchemas().flatMap(({ path, schema, given }) =>
    given.flatMap((value) => faultsOf(schema, value).map((fault) => `${path}: ${fault}`)),
  );

  expect(wrong).toEqual([]);
});

/** Media types, parameters and headers: their schemas, and the examples beside them. */
function placesOfSchemas() {
  return nodes().flatMap(({ path, node }) => {
    const { data } = place.safeParse(node);
    if (!data) return [];
    const { schema, example, examples = {} } = data;
    const named = Object.values(examples).map(({ value }) => value);
    return [{ path, schema, given: example === undefined ? named : [example, ...named] }];
  });
}

const place = z.object({
  schema: z.record(z.string(), z.unknown()),
  example: z.unknown(),
  examples: z.record(z.string(), z.object({ value: z.unknown() })).optional(),
});

test('takes a request where the code takes it', () => {
  const takes = validatorOf(written.components.schemas.ImportRequest);
  const keys = [...Object.keys(importRequest.shape), 'request_id'];
  const edges = [0, 0.5, 1, 1.5, 86_400, 86_400.5, 86_401, 1e308, '5', '', 'fail', 'return', null];
  const requests = keys.flatMap((key) => edges.map((value) => ({ ticket: 'a', [key]: value })));

  expect(requests.map((it) => takes(it))).toEqual(requests.map(isRequest));
});

test('takes a request where the code takes it, whatever it holds', () => {
  const takes = validatorOf(written.components.schemas.ImportRequest);
  const value = fc.oneof(
    fc.stringMatching(/^[\w-]{0,65}$/),
    fc.string({ unit: 'grapheme', maxLength: 70 }),
    fc.integer({ min: -9, max: 90_000 }),
    fc.double(),
    fc.jsonValue(),
  );
  const key = fc.constantFrom(...Object.keys(importRequest.shape), 'request_id', '__proto__');
  const request = fc
    .tuple(value, fc.dictionary(key, value, { maxKeys: 2 }))
    .map(([ticket, others]) => ({ ticket, ...others }));

  fc.assert(
    fc.property(fc.oneof(request, fc.jsonValue()), (it) => {
      expect(takes(it)).toBe(isRequest(it));
    }),
    { numRuns: 300 },
  );
});

function isRequest(value: unknown): boolean {
  return importRequest.safeParse(value).success;
}

const text = z.string().min(1);
const ref = z.strictObject({ $ref: z.string().startsWith('#/components/') });
const orRef = <Schema extends z.ZodType>(schema: Schema) => z.union([ref, schema]);
const schema = z.looseObject({});
const example = {
  example: z.unknown(),
  examples: z.record(text, z.strictObject({ value: z.unknown() })),
};
const media = z.strictObject({ schema, ...example }).partial({ example: true, examples: true });
const content = z.record(z.string().regex(/^[a-z]+\/[a-z+]+$/), media);
const header = z
  .strictObject({ description: text, required: z.boolean(), schema, example: z.unknown() })
  .partial({ required: true, example: true });
const response = z
  .strictObject({ description: text, headers: z.record(text, orRef(header)), content })
  .partial({ headers: true });
const parameter = z
  .strictObject({
    name: text,
    in: z.enum(['query', 'header', 'path', 'cookie']),
    required: z.boolean(),
    description: text,
    schema,
    example: z.unknown(),
  })
  .partial({ required: true, example: true })
  .refine((it) => it.in !== 'path' || it.required);
const operation = z
  .strictObject({
    operationId: text,
    tags: z.array(text),
    summary: text,
    description: text,
    parameters: z.array(orRef(parameter)),
    requestBody: z.strictObject({ required: z.boolean(), content }),
    responses: z.record(z.string().regex(/^[1-5]\d\d$/), orRef(response)),
  })
  .partial({ description: true, parameters: true, requestBody: true });
const securityScheme = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('apiKey'),
    name: text,
    in: z.enum(['query', 'header', 'cookie']),
  }),
  z.looseObject({ type: z.literal('http'), scheme: text }),
]);

/** The parts of OpenAPI 3.1 that the document makes use of. */
const document = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d$/),
  info: z.strictObject({
    title: text,
    version: text,
    summary: text,
    description: text,
    license: z.strictObject({ name: text, identifier: text }),
  }),
  servers: z.array(
    z.strictObject({
      url: text,
      description: text,
      variables: z.record(text, z.strictObject({ default: text, description: text })).optional(),
    }),
  ),
  tags: z.array(z.strictObject({ name: text, description: text })),
  security: z.array(z.partialRecord(z.enum(['sigv4', 'jwt']), z.array(z.string()))),
  paths: z.record(
    z.string().startsWith('/'),
    z
      .strictObject({
        parameters: z.array(orRef(parameter)),
        get: operation,
        post: operation,
        delete: operation,
      })
      .partial(),
  ),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[\w.-]+$/), schema),
    parameters: z.record(text, parameter),
    headers: z.record(text, header),
    responses: z.record(text, response),
    securitySchemes: z.record(text, securityScheme),
  }),
});

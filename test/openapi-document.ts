import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import * as z from 'zod';

export type Schema = Record<string, unknown>;

type Media = { schema: Schema };
type Header = { required?: boolean; schema: Schema };
export type Response = { headers?: Record<string, Header>; content: Record<string, Media> };
export type Parameter = { name: string; schema: Schema };
export type Operation = {
  operationId: string;
  parameters?: Parameter[];
  responses: Record<string, Response>;
};

/** `infra/openapi.json` as it was written. */
export const written = JSON.parse(readFileSync('infra/openapi.json', 'utf8'));

/** Every object in the document, with the JSON pointer to it. */
export function nodes(node: unknown = written, path = '#'): { path: string; node: Schema }[] {
  if (typeof node !== 'object' || node === null) return [];
  const below = Object.entries(node).flatMap(([key, value]) =>
    nodes(value, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
  return Array.isArray(node) ? below : [{ path, node: node as Schema }, ...below];
}

/** What a JSON pointer points to; undefined where that is nothing. */
export function at(pointer: string): unknown {
  const [, ...keys] = pointer
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys.reduce<unknown>((node, key) => (node as Schema | undefined)?.[key], written);
}

/** The part that a reference stands for, or the part itself. */
export function resolved<Part extends object>(part: Part): Part {
  return '$ref' in part ? (at(String(part.$ref)) as Part) : part;
}

const validator = new Ajv2020({
  strict: true,
  strictTypes: false,
  strictRequired: false,
  allErrors: true,
});
validator.addFormat('date-time', (text) => z.iso.datetime().safeParse(text).success);
// the document holds the schemas, and is none itself
validator.addVocabulary(Object.keys(written));
validator.addSchema(written, 'openapi.json', false, false);

const validators = new WeakMap<Schema, ValidateFunction>();

/** Throws where a schema of the document is none, or refers to what is not there. */
export function validatorOf(schema: Schema): ValidateFunction {
  const known = validators.get(schema);
  if (known) return known;
  const absolute = JSON.stringify(schema).replaceAll('"$ref":"#', '"$ref":"openapi.json#');
  const validate = validator.compile(JSON.parse(absolute));
  validators.set(schema, validate);
  return validate;
}

/** What is wrong with a value; nothing where the schema takes it. */
export function faultsOf(schema: Schema, value: unknown): string[] {
  const validate = validatorOf(schema);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

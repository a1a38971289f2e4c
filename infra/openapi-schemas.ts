import * as z from 'zod';
import type { ListQuery } from '../functions/api/list-query.ts';
import { importRequest } from '../functions/contract/execution-input.ts';
import { document, importError, warning } from '../functions/contract/outcome.ts';
import { errorCatalogue } from '../functions/core/error-catalogue.ts';
import { resourceSchema } from '../functions/executions/import-resource.ts';
import { progressSchema } from '../functions/executions/progress.ts';

export type JsonSchema = Record<string, unknown>;

type ListedStatus = Extract<ListQuery, { by: 'status' }>['status'];

/** A list of all that there are: the compiler sees to that. */
const listedStatuses = Object.keys({
  running: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
} satisfies Record<ListedStatus, 0>) as ListedStatus[];

export const listedStatus = z.enum(listedStatuses);

const listedImport = z.object({
  ...resourceSchema.pick({ id: true, started_at: true, finished_at: true }).shape,
  status: listedStatus,
});

const runsOfTicket = z.object({ imports: z.array(resourceSchema).max(20) });

const importsByStatus = z.object({
  imports: z.array(listedImport).max(50),
  cursor: z.string().min(1).max(3096).optional(),
});

const fault = z.object({ path: z.string(), message: z.string() });

const problem = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(fault).min(1).optional(),
});

const gatewayFault = z.looseObject({ message: z.string().nullish() });

/** What there is to say of a property, and what its schema in the code cannot tell. */
type Words = string | ({ description: string } & JsonSchema);

type Component = { schema: z.core.$ZodObject; words: Record<'.', Words> & Record<string, Words> };

/** A schema by the name that the document gives it, with words for it (`.`) and for each of its properties. */
function component<Schema extends z.core.$ZodObject>(
  schema: Schema,
  words: Record<'.' | (keyof z.output<Schema> & string), Words>,
): Component {
  return { schema, words };
}

const wholeSeconds = (description: string) => ({
  description,
  type: 'integer',
  minimum: 1,
  maximum: 86_400,
});

const id = 'The name of the execution: `{profile}_{ticket}_{run}` where the API started it.';
const startedAt = 'When the waiting began.';
const finishedAt = 'When the waiting ended; `null` while it goes on.';
const jobStatus = "Feishu's last `job_status`; -1 where it has told none.";
const queries = 'How many times Feishu has been asked.';

const components: Record<string, Component> = {
  ImportRequest: component(importRequest, {
    '.': 'What to wait for. An unknown key is an error.',
    ticket: {
      description: 'The ticket, as a string: its 19 digits do not fit a JSON number.',
      examples: ['7369583175086912356'],
    },
    profile: { description: 'Which credentials to ask with.', default: 'default' },
    timeout_seconds: {
      ...wholeSeconds('How long to wait before it ends as `Import.TimedOut`.'),
      default: 3600,
    },
    expected_seconds: wholeSeconds(
      'How long you think this import takes: saves the queries that would come too early.',
    ),
    on_failure: {
      description:
        'What a failed import does to the execution: `fail` fails it; `return` ends it as succeeded, with `error` in its output. This API answers the same either way.',
      default: 'fail',
    },
  }),
  Import: component(resourceSchema, {
    '.': 'An import: how far it is, or what became of it. What is not known is left out.',
    id: { description: id, examples: ['default_7369583175086912356_1'] },
    ticket: 'The ticket; `null` where the input of the execution has none.',
    profile: 'Which credentials Feishu is asked with; `null` where the input has none.',
    status: [
      '- `running`: waiting for Feishu; look again after `Retry-After` seconds',
      '- `succeeded`: there is a document; look at `complete`',
      '- `failed`: `error` says why, and `error.advice` what to do',
      '- `timed_out`: `timeout_seconds` were up; the import itself has not failed, so POST the same ticket again',
      '- `cancelled`: somebody stopped the waiting; POST the same ticket to wait again',
    ].join('\n'),
    job_status: jobStatus,
    complete: 'Whether all of the file is in the document: true only without warnings.',
    document: 'What the file has become.',
    warnings: 'What Feishu cut off or left out.',
    error: 'Why it failed.',
    queries,
    elapsed_seconds: 'How long it was waited for.',
    started_at: startedAt,
    finished_at: finishedAt,
    progress: 'How far it is, while it runs; left out where AWS does not tell in time.',
  }),
  Progress: component(progressSchema, {
    '.': 'How far a running import is.',
    queries,
    job_status: jobStatus,
    meaning: 'What that means.',
    meaning_zh: 'The same in Chinese.',
    next_query_at: 'When Feishu is asked again.',
  }),
  Document: component(document, {
    '.': 'The cloud document that the file has become.',
    type: { description: '`null` where Feishu does not tell.', examples: ['docx', 'sheet'] },
    token: 'Its token in Feishu.',
    url: 'Where to open it; `null` where Feishu does not tell.',
  }),
  Warning: component(warning, {
    '.': 'A notice of content that Feishu cut off or left out.',
    code: { description: "Feishu's code of it.", examples: ['2000'] },
    applies_to: 'The type of document that it is about.',
    meaning: 'What was cut off.',
    meaning_zh: 'The same in Chinese.',
  }),
  ImportError: component(importError, {
    '.': 'Why an import failed. More keys may come; which of these are there depends on the failure.',
    name: {
      description: 'Branch on this. Another version may know others.',
      examples: Object.keys(errorCatalogue),
    },
    message: 'What happened.',
    message_zh: 'The same in Chinese.',
    advice: 'What to do about it.',
    advice_zh: 'The same in Chinese.',
    ticket: 'The ticket, where it is known.',
    retryable: 'Whether asking again within a day, with nothing changed, can succeed.',
    reimport: 'Whether uploading and importing the file again can succeed.',
    job_status: "Feishu's `job_status`.",
    job_error_msg: "Feishu's own words for it.",
    conflict_code: 'Which conflict with another import into the same folder it was.',
    code: "Feishu's error code.",
    msg: "Feishu's own words for that.",
    http_status: "The HTTP status of Feishu's answer.",
    log_id: "The id of Feishu's answer, for its support.",
    queries,
    elapsed_seconds: 'How long it was waited for.',
  }),
  RunsOfTicket: component(runsOfTicket, {
    '.': 'The runs of a ticket.',
    imports: 'Newest first, at most 20.',
  }),
  ImportsByStatus: component(importsByStatus, {
    '.': 'A page of all imports with a status.',
    imports: 'Newest first, 50 a page.',
    cursor: 'Gives the next page; left out on the last.',
  }),
  ListedImport: component(listedImport, {
    '.': 'An import in a list of all; `GET /imports/{id}` tells the rest.',
    id,
    status: 'As Step Functions counts: a timed-out import has failed there.',
    started_at: startedAt,
    finished_at: finishedAt,
  }),
  Problem: component(problem, {
    '.': 'What is wrong with a request, or here (RFC 9457).',
    type: 'Always this: `title` and `status` say what kind of problem it is.',
    title: "The status's own words.",
    status: 'The HTTP status.',
    detail: 'What is wrong, and what would be right.',
    errors: 'Every fault of an invalid request.',
  }),
  Fault: component(fault, {
    '.': 'One fault of an invalid request.',
    path: 'Which key or parameter it is about; empty for the whole.',
    message: 'What would be right.',
  }),
  GatewayFault: component(gatewayFault, {
    '.': 'What API Gateway says itself, before any function runs.',
    message: 'What it says.',
  }),
};

/** The schemas of the code with words for people, by name. Throws where words are of no property, or the other way round. */
export function componentSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [name, { schema }] of Object.entries(components)) registry.add(schema, { id: name });
  const { schemas } = z.toJSONSchema(registry, {
    uri: (name) => `#/components/schemas/${name}`,
    override: ({ zodSchema, jsonSchema }) => {
      // more keys may come with a failure
      if (zodSchema === importError) delete jsonSchema.additionalProperties;
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return Object.fromEntries(
    Object.entries(components).map(([name, { words }]) => {
      const { $schema, $id, ...schema } = schemas[name] as JsonSchema;
      return [name, withWords(name, schema, words)];
    }),
  );
}

function withWords(name: string, schema: JsonSchema, { '.': own, ...words }: Component['words']) {
  const properties = schema.properties as Record<string, JsonSchema>;
  const strange = Object.keys(words).filter((key) => !Object.hasOwn(properties, key));
  if (strange.length > 0) throw new Error(`${name} has no ${strange}, of which there are words`);
  const described = Object.entries(properties).map(([key, property]) => {
    const said = words[key];
    if (said === undefined) throw new Error(`${name} has a ${key}, of which there are no words`);
    return [key, { ...property, ...asObject(said) }];
  });
  return { ...asObject(own), ...schema, properties: Object.fromEntries(described) };
}

function asObject(words: Words): JsonSchema {
  return typeof words === 'string' ? { description: words } : words;
}

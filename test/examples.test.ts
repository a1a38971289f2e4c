import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { getLanguageService, TextDocument } from 'amazon-states-language-service';
import aslValidator from 'asl-validator';
import { ExecutionError, StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { readAppSecret } from '../functions/credentials/app-secret.ts';
import { readProfileSecret } from '../functions/credentials/profile-secret.ts';
import { appTicketHandedOn } from '../functions/events/app-ticket-event.ts';
import type { Reply } from '../infra/local/feishu-simulator.ts';
import { document, startTestWorkflow } from './test-workflow.ts';

const placeholder = (name: string) => `\${${name}}`;
const read = (name: string) => readFileSync(`infra/examples/${name}`, 'utf8');

const branching = read('parent-that-branches.asl.json');
const catching = read('parent-that-catches.asl.json');
const role = read('parent-role.yml');
const rule = read('finished-imports.yml');
const request = read('signed-request.sh');

test.for([branching, catching, role, rule, request])(
  'names no partition, region or account: %#',
  (text) => {
    expect(text).not.toMatch(/arn:aws|[a-z]{2}-[a-z]+-\d|\b\d{12}\b/);
  },
);

// Parents

const parents = { branching, catching };
const importArn = 'arn:aws-cn:states:cn-north-1:000000000000:stateMachine:import';

test.for(Object.entries(parents))('the %s parent passes asl-validator', ([, text]) => {
  const { isValid, errorsText } = aslValidator(substituted(text), {
    checkPaths: true,
    checkArn: true,
  });

  expect(errorsText('\n')).toBe('');
  expect(isValid).toBe(true);
});

test.for(Object.entries(parents))(
  "the %s parent passes the language service of AWS's own tools",
  async ([, text]) => {
    const service = getLanguageService({});
    const file = TextDocument.create('file:///parent.asl.json', 'asl', 1, text);

    const json = service.parseJSONDocument(file);

    expect(await service.doValidation(file, json, {})).toEqual([]);
  },
);

test.for(Object.entries(parents))(
  'the %s parent waits longer than an import can take',
  ([, text]) => {
    const { TimeoutSeconds } = JSON.parse(readFileSync('infra/import.asl.json', 'utf8'));

    expect(JSON.parse(text).States.WaitForImport.TimeoutSeconds).toBeGreaterThan(TimeoutSeconds);
  },
);

test.for(Object.entries(parents))('the %s parent is in every partition', ([, text]) => {
  expect(substituted(text).States.WaitForImport).toMatchObject({
    Resource: 'arn:aws-cn:states:::states:startExecution.sync:2',
    Parameters: { StateMachineArn: importArn },
  });
  expect(JSON.stringify(substituted(text))).not.toMatch(/\$\{/);
});

function substituted(text: string) {
  return JSON.parse(
    text
      .replaceAll(placeholder('Partition'), 'aws-cn')
      .replaceAll(placeholder('ImportStateMachineArn'), importArn),
  );
}

type Child = {
  replies?: Reply[];
  timeout_seconds?: number;
  /** Another state than Feishu's answers bring about. */
  instead?: (parameters: unknown) => never;
  cancelled?: boolean;
};

const encrypted = { result: { job_status: 100 } };
const brokenInFeishu = { result: { job_status: 3 } };
const folderClosed = { result: { job_status: 116 } };
const running = { result: { job_status: 2 } };
const complete = { result: { job_status: 0, ...document } };
const cutOff = { result: { job_status: 0, ...document, extra: ['2000'] } };

/** Runs a parent to its end, with the real state machine as its child. */
async function run(text: string, { replies = [complete], instead, ...child }: Child = {}) {
  const workflow = await startTestWorkflow();
  workflow.simulator.script('ticket', { replies });
  const definition = substituted(text);
  if (child.timeout_seconds) {
    definition.States.WaitForImport.Parameters.Input.timeout_seconds = child.timeout_seconds;
  }

  /** What startExecution.sync:2 returns, or throws: the child's description, its output parsed. */
  async function startExecution(parameters: { Input: object; StateMachineArn: string }) {
    instead?.(parameters);
    await workflow.start('child', parameters.Input);
    if (child.cancelled) await workflow.call('DELETE', '/imports/child');
    const { status, output, error, cause } = await workflow.ended('child');
    const description = {
      ...{ ExecutionArn: 'child', Input: parameters.Input, Name: 'child' },
      ...{ StartDate: 1, StateMachineArn: parameters.StateMachineArn, Status: status, StopDate: 2 },
      ...(error !== undefined && { Error: error }),
      ...(cause !== undefined && { Cause: cause }),
    };
    if (status !== 'SUCCEEDED') throw named('States.TaskFailed', JSON.stringify(description));
    return { ...description, Output: output };
  }

  const machine = new StateMachine(definition as StateMachineDefinition, {
    validationOptions: { noValidate: true },
  });
  const { result, eventLogs } = machine.run(
    { ticket: 'ticket' },
    {
      context: { Execution: { Id: 'parent' } },
      overrides: { taskResourceLocalHandlers: { WaitForImport: startExecution as never } },
    },
  );
  const ended = result.catch((thrown: unknown) => thrown);
  let state: string | undefined;
  for await (const event of eventLogs) {
    if (event.type === 'StateEntered') state = event.state.name;
  }
  // biome-ignore lint/suspicious/noExplicitAny: an output of any state
  return { state, output: (await ended) as any };
}

const named = (name: string, message: string) => Object.assign(new Error(message), { name });

test.for(Object.entries(parents))(
  'the %s parent uses the document of a complete import',
  async ([, text]) => {
    const { state, output } = await run(text);

    expect(state).toBe('UseDocument');
    expect(output.import.output.document).toMatchObject(document);
  },
);

test.for(Object.entries(parents))(
  'the %s parent uses an incomplete document, and knows what was cut off',
  async ([, text]) => {
    const { state, output } = await run(text, { replies: [cutOff] });

    expect(state).toBe('UseIncompleteDocument');
    expect(output.import.output.warnings).toMatchObject([{ code: '2000' }]);
  },
);

test.for([
  ['asks for an unlocked file', encrypted, 'AskForUnlockedFile', 'Import.FileEncrypted'],
  ['imports again', brokenInFeishu, 'ImportFileAgain', 'Import.InternalError'],
  ['reports a failed import', folderClosed, 'ReportFailedImport', 'Import.NoFolderPermission'],
] as const)('both parents branch on the error: %s', async ([, reply, expected, name]) => {
  const branched = await run(branching, { replies: [reply] });
  const caught = await run(catching, { replies: [reply] });

  expect([branched.state, caught.state]).toEqual([expected, expected]);
  expect(branched.output.import.output.error).toMatchObject({ name, ticket: 'ticket' });
  expect(caught.output.failure).toMatchObject({ name, cause: { ticket: 'ticket' } });
});

test('the branching parent fails where the failure is not of the file', async () => {
  const { state, output } = await run(branching, { replies: [{ error: { code: 99991672 } }] });

  expect(state).toBe('WaitForImport');
  expect(output).toBeInstanceOf(ExecutionError);
  expect(output.cause.name).toBe('States.TaskFailed');
  expect(JSON.parse(output.cause.message).Error).toBe('Feishu.ScopeMissing');
});

test('the catching parent waits longer for an import that is still running', async () => {
  const { state, output } = await run(catching, { replies: [running], timeout_seconds: 5 });

  expect(state).toBe('WaitLonger');
  expect(output.failure.name).toBe('Import.TimedOut');
});

test('the catching parent comes back after an outage', async () => {
  const { state, output } = await run(catching, { replies: [{ error: { code: 1069901 } }] });

  expect(state).toBe('WaitForImportLater');
  expect(output.failure.name).toBe('Feishu.Unavailable');
});

test('the catching parent calls an operator where something must be mended', async () => {
  const { state, output } = await run(catching, { replies: [{ error: { code: 99991672 } }] });

  expect(state).toBe('CallOperator');
  expect(output.failure.name).toBe('Feishu.ScopeMissing');
});

test('the catching parent reports a cancelled import, which has no name', async () => {
  const { state, output } = await run(catching, { replies: [running], cancelled: true });

  expect(state).toBe('ReportNoAnswer');
  expect(output.failure.execution.Status).toBe('ABORTED');
});

test.for(['StepFunctions.ExecutionLimitExceededException', 'States.Timeout'])(
  'the catching parent reports that there is no answer after %s',
  async (name) => {
    const instead = () => {
      throw named(name, 'no JSON');
    };
    const { state, output } = await run(catching, { instead });

    expect(state).toBe('ReportNoAnswer');
    expect(output.failure.Error).toBe(name);
  },
);

// CloudFormation

const short = ['Ref', 'Sub', 'GetAtt'].map((name) => ({
  tag: `!${name}`,
  resolve: (value: string) => ({ [name]: value }),
}));
const resourcesOf = (text: string) => parse(text, { customTags: short }).Resources;
const arn = (service: string, rest: string) => ({
  Sub: `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}`,
});

test('the role of a parent may start, follow and stop imports, and nothing else', () => {
  const { Policies } = resourcesOf(role).ParentRole.Properties;

  expect(Policies).toHaveLength(1);
  expect(Policies[0].PolicyDocument.Statement).toEqual([
    {
      Effect: 'Allow',
      Action: 'states:StartExecution',
      Resource: arn('states', `stateMachine:${placeholder('ImportStateMachineName')}`),
    },
    {
      Effect: 'Allow',
      Action: ['states:DescribeExecution', 'states:StopExecution'],
      Resource: arn('states', `execution:${placeholder('ImportStateMachineName')}:*`),
    },
    {
      Effect: 'Allow',
      Action: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
      Resource: arn('events', 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule'),
    },
  ]);
});

test("the role of a parent is taken for that parent alone, not for somebody else's", () => {
  const { Statement } = resourcesOf(role).ParentRole.Properties.AssumeRolePolicyDocument;

  expect(Statement).toEqual([
    {
      Effect: 'Allow',
      Principal: { Service: 'states.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: {
        StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        ArnEquals: {
          'aws:SourceArn': arn('states', `stateMachine:${placeholder('ParentStateMachineName')}`),
        },
      },
    },
  ]);
});

/** An event as Step Functions sends it. */
const statusChange = (status: string, stateMachineArn: unknown) => ({
  source: 'aws.states',
  'detail-type': 'Step Functions Execution Status Change',
  detail: { stateMachineArn, name: 'default_1_1', status, input: '{}', output: '{}' },
});

/** EventBridge's rule for patterns of plain values: one of each list must be there. */
function matches(pattern: object, event: object): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    const found = event[key as keyof typeof event] as unknown;
    if (!Array.isArray(wanted)) return matches(wanted, Object(found));
    return wanted.some((value) => JSON.stringify(value) === JSON.stringify(found));
  });
}

test('the rule matches an import that has succeeded, and nothing else', () => {
  const { EventPattern } = resourcesOf(rule).FinishedImportsRule.Properties;
  const imports = arn('states', `stateMachine:${placeholder('ImportStateMachineName')}`);
  const others = arn('states', 'stateMachine:other');

  expect(matches(EventPattern, statusChange('SUCCEEDED', imports))).toBe(true);
  expect(matches(EventPattern, statusChange('SUCCEEDED', others))).toBe(false);
  for (const status of ['RUNNING', 'FAILED', 'TIMED_OUT', 'ABORTED']) {
    expect(matches(EventPattern, statusChange(status, imports))).toBe(false);
  }
});

test('the rule may write to its queue, and no other rule may', () => {
  const { FinishedImportsRule, FinishedImportsPolicy } = resourcesOf(rule);
  const [target] = FinishedImportsRule.Properties.Targets;
  const [statement] = FinishedImportsPolicy.Properties.PolicyDocument.Statement;

  expect(target.Arn).toEqual({ GetAtt: 'FinishedImports.Arn' });
  expect(statement).toEqual({
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: target.Arn,
    Condition: { ArnEquals: { 'aws:SourceArn': { GetAtt: 'FinishedImportsRule.Arn' } } },
  });
});

// A signed request

const script = 'infra/examples/signed-request.sh';
const shell = promisify(execFile);

const credentials = {
  API_URL: 'https://api.example.com/',
  AWS_REGION: 'somewhere',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret/key',
};

/** Runs the script with a curl that only tells what it was given. */
async function sign(words: string[], environment: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'signed-request-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const curl = join(folder, 'curl');
  writeFileSync(curl, '#!/bin/sh\nprintf "%s\\n" "$@"\necho "standard input:"\ncat\n');
  chmodSync(curl, 0o755);
  const env = { PATH: folder + delimiter + process.env.PATH, ...environment };
  const { stdout } = await shell('bash', [script, ...words], { env });
  const [told = '', input = ''] = stdout.split('standard input:\n');
  return { arguments: told.trimEnd().split('\n'), input: input.trimEnd().split('\n') };
}

test('the script is one that bash understands', async () => {
  expect(await shell('bash', ['-n', script])).toEqual({ stdout: '', stderr: '' });
});

test('the script signs a POST for API Gateway', async () => {
  const body = '{"ticket": "7369583175086912356"}';
  const { arguments: words } = await sign(['POST', '/imports', body], credentials);

  expect(words).toEqual([
    ...['--silent', '--show-error', '--fail-with-body', '--include', '--request', 'POST'],
    ...['--aws-sigv4', 'aws:amz:somewhere:execute-api'],
    ...['--header', 'content-type: application/json', '--data-raw', body],
    ...['--config', '-', 'https://api.example.com/imports'],
  ]);
});

test('the script sends no body with a GET', async () => {
  const { arguments: words } = await sign(['GET', '/imports/default_1_1'], credentials);

  expect(words).not.toContain('--data-raw');
  expect(words.at(-1)).toBe('https://api.example.com/imports/default_1_1');
});

test('the script keeps credentials out of the arguments, where everybody sees them', async () => {
  const { arguments: words, input } = await sign(['GET', '/imports/1'], {
    ...credentials,
    AWS_SESSION_TOKEN: 'session',
  });

  expect(input).toEqual(['user = "key:secret/key"', 'header = "x-amz-security-token: session"']);
  expect(words.join()).not.toMatch(/secret|session/);
});

test.for(Object.keys(credentials))('the script says that %s is missing', async (name) => {
  const { [name]: _, ...others } = credentials as Record<string, string>;

  await expect(sign(['GET', '/imports/1'], others)).rejects.toThrow(name);
});

// What the README says to store

const partOnCredentials = readFileSync('README.md', 'utf8')
  .split('\n## ')
  .find((part) => part.startsWith('Credentials\n'));
const shownSecrets = [...(partOnCredentials ?? '').matchAll(/^```json\n(.*?)^```$/gms)].map(
  ([, text = '']) => [JSON.parse(text).kind ?? 'store app', text] as const,
);

test('the README shows a secret of every kind, and that of a store app', () => {
  expect(shownSecrets.map(([kind]) => kind)).toEqual(['custom', 'isv', 'user', 'store app']);
});

test.for(shownSecrets)('the secret that the README shows of %s is understood', ([kind, text]) => {
  const read =
    kind === 'store app'
      ? readAppSecret(text, 'a name', JSON.parse(text).app_id)
      : readProfileSecret(text, 'a name');

  expect(read).toMatchObject({ kind: 'read' });
});

test('the ticket that the README shows can be handed on', () => {
  const [, ticket = ''] = partOnCredentials?.match(/`(\{"app_id".*?\})`/) ?? [];

  expect(appTicketHandedOn(JSON.parse(ticket), 0)).toMatchObject({ appId: 'cli_a1b2c3' });
});

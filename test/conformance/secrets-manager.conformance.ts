import { isDeepStrictEqual } from 'node:util';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, expect, test } from 'vitest';
import { localSecretsClient } from '../../infra/local/secrets-manager/client.ts';
import { startLocalSecretsManager } from '../../infra/local/secrets-manager.ts';
import { startMoto } from './moto.ts';

// The same conversations, through the SDK, with two Secrets Managers that share no code: ours and
// moto's. Where moto differs, `differences` says how and why, and what AWS does is known from its
// documentation or from LocalStack's recordings of it.

const id = (character: string) => character.repeat(32);
const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:rotate';

const create = (name: string, value = 'one') =>
  new CreateSecretCommand({ Name: name, SecretString: value, ClientRequestToken: id('1') });
const put = (name: string, version: string, value: string, labels?: string[]) =>
  new PutSecretValueCommand({
    SecretId: name,
    SecretString: value,
    ClientRequestToken: id(version),
    VersionStages: labels,
  });
const move = (name: string, label: string, from?: string, to?: string) =>
  new UpdateSecretVersionStageCommand({
    SecretId: name,
    VersionStage: label,
    RemoveFromVersionId: from && id(from),
    MoveToVersionId: to && id(to),
  });
const get = (name: string, asked: { VersionId?: string; VersionStage?: string } = {}) =>
  new GetSecretValueCommand({ SecretId: name, ...asked });
const describe = (name: string) => new DescribeSecretCommand({ SecretId: name });
const rotate = (name: string, version: string, RotationLambdaARN?: string) =>
  new RotateSecretCommand({ SecretId: name, ClientRequestToken: id(version), RotationLambdaARN });

type Command = { input: object };

/** By title, and the steps of each by theirs. */
const conversations: Record<string, Record<string, Command>> = {
  'creates a secret once': {
    create: create('created'),
    'create once more': create('created'),
    'create with another value': create('created', 'two'),
    'create with another id': new CreateSecretCommand({
      Name: 'created',
      SecretString: 'one',
      ClientRequestToken: id('2'),
    }),
    get: get('created'),
    describe: describe('created'),
  },
  'refuses what is not there': {
    get: get('missing'),
    put: put('missing', '1', 'one'),
    describe: describe('missing'),
    create: create('there'),
    'get a version': get('there', { VersionId: id('9') }),
    'get a label': get('there', { VersionStage: 'AWSPENDING' }),
    'get another version than the label has': get('there', {
      VersionId: id('1'),
      VersionStage: 'AWSPREVIOUS',
    }),
  },
  'refuses ids that are too short or too long': {
    create: create('ids'),
    'short id': new PutSecretValueCommand({
      SecretId: 'ids',
      SecretString: 'two',
      ClientRequestToken: '2'.repeat(31),
    }),
    'long id': new PutSecretValueCommand({
      SecretId: 'ids',
      SecretString: 'two',
      ClientRequestToken: '2'.repeat(65),
    }),
  },
  'stores new values': {
    create: create('values'),
    'put two': put('values', '2', 'two'),
    'get two': get('values'),
    'get previous': get('values', { VersionStage: 'AWSPREVIOUS' }),
    'put two once more': put('values', '2', 'two'),
    'put another two': put('values', '2', 'too'),
    'put three': put('values', '3', 'three'),
    describe: describe('values'),
    'get one, which bears no label': get('values', { VersionId: id('1') }),
    versions: new ListSecretVersionIdsCommand({ SecretId: 'values' }),
  },
  'keeps the current version where a value is stored with other labels': {
    create: create('labels'),
    put: put('labels', '2', 'two', ['blue', 'green']),
    get: get('labels'),
    'put and take one': put('labels', '3', 'three', ['green']),
    describe: describe('labels'),
    'put a current one': put('labels', '4', 'four', ['AWSCURRENT', 'blue']),
    'describe the end': describe('labels'),
  },
  'gives AWSCURRENT to the first version': {
    create: new CreateSecretCommand({ Name: 'empty', ClientRequestToken: id('1') }),
    describe: describe('empty'),
    get: get('empty'),
    put: put('empty', '2', 'two', ['AWSPENDING']),
    'describe the first version': describe('empty'),
  },
  'makes a pending version the current one': {
    create: create('pending'),
    put: put('pending', '2', 'two', ['AWSPENDING']),
    'get pending': get('pending', { VersionStage: 'AWSPENDING' }),
    'move without saying from where': move('pending', 'AWSCURRENT', undefined, '2'),
    'move from another version': move('pending', 'AWSCURRENT', '2', '2'),
    move: move('pending', 'AWSCURRENT', '1', '2'),
    describe: describe('pending'),
    'move once more': move('pending', 'AWSCURRENT', '1', '2'),
    'move to where it is': move('pending', 'AWSCURRENT', undefined, '2'),
    'move back': move('pending', 'AWSCURRENT', '2', '1'),
    'describe what came back': describe('pending'),
  },
  'takes AWSPENDING away where a new current value is stored': {
    create: create('overtaken'),
    'put pending': put('overtaken', '2', 'two', ['AWSPENDING']),
    'put current': put('overtaken', '3', 'three'),
    describe: describe('overtaken'),
  },
  'moves and removes labels of ours': {
    create: create('ours'),
    put: put('ours', '2', 'two', ['blue']),
    'add to the other': move('ours', 'green', undefined, '1'),
    'describe before': describe('ours'),
    move: move('ours', 'blue', '2', '1'),
    'describe meanwhile': describe('ours'),
    remove: move('ours', 'blue', '1'),
    'describe after': describe('ours'),
  },
  'refuses to move a label from where it is not': {
    create: create('elsewhere'),
    put: put('elsewhere', '2', 'two', ['blue']),
    'say nowhere': move('elsewhere', 'blue', undefined, '1'),
    describe: describe('elsewhere'),
    'say a wrong version': move('elsewhere', 'blue', '1', '1'),
  },
  'refuses to move a label to no version': {
    create: create('nowhere'),
    move: move('nowhere', 'blue', undefined, '9'),
    'say neither from where nor where to': move('nowhere', 'blue'),
    'remove the current one': move('nowhere', 'AWSCURRENT', '1'),
    describe: describe('nowhere'),
  },
  'rotates only with a function': {
    create: create('still'),
    rotate: rotate('still', '2'),
    describe: describe('still'),
  },
  'begins a rotation': {
    create: create('rotated'),
    rotate: rotate('rotated', '3', functionArn),
    'get the empty version': get('rotated', { VersionStage: 'AWSPENDING' }),
    'get the empty version by id': get('rotated', { VersionId: id('3') }),
    fill: put('rotated', '3', 'three', ['AWSPENDING']),
    'fill once more': put('rotated', '3', 'three', ['AWSPENDING']),
    finish: move('rotated', 'AWSCURRENT', '1', '3'),
    get: get('rotated'),
  },
  'fills the version of a rotation once': {
    create: create('filled'),
    rotate: rotate('filled', '3', functionArn),
    fill: put('filled', '3', 'three', ['AWSPENDING']),
    'fill otherwise': put('filled', '3', 'four', ['AWSPENDING']),
    get: get('filled', { VersionStage: 'AWSPENDING' }),
  },
  'rotates one after the other': {
    create: create('twice'),
    rotate: rotate('twice', '3', functionArn),
    'rotate meanwhile': rotate('twice', '4', functionArn),
    'get the version of the first': get('twice', { VersionStage: 'AWSPENDING' }),
    'fill it': put('twice', '3', 'three', ['AWSPENDING']),
    finish: move('twice', 'AWSCURRENT', '1', '3'),
  },
  'lists secrets by the start of their names': {
    'create a': create('list/a'),
    'create b': create('list/b'),
    'create c': create('list/c'),
    all: new ListSecretsCommand({ Filters: [{ Key: 'name', Values: ['list/'] }] }),
    page: new ListSecretsCommand({
      Filters: [{ Key: 'name', Values: ['list/'] }],
      MaxResults: 2,
    }),
    'other case': new ListSecretsCommand({ Filters: [{ Key: 'name', Values: ['LIST/'] }] }),
    not: new ListSecretsCommand({
      Filters: [
        { Key: 'name', Values: ['list/'] },
        { Key: 'name', Values: ['!list/b'] },
      ],
    }),
  },
  'tags and deletes': {
    create: create('deleted'),
    tag: new TagResourceCommand({
      SecretId: 'deleted',
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    }),
    untag: new UntagResourceCommand({ SecretId: 'deleted', TagKeys: ['a'] }),
    describe: describe('deleted'),
    delete: new DeleteSecretCommand({ SecretId: 'deleted', RecoveryWindowInDays: 7 }),
    get: get('deleted'),
    put: put('deleted', '2', 'two'),
    'create meanwhile': create('deleted'),
    'list what is deleted': new ListSecretsCommand({
      Filters: [{ Key: 'name', Values: ['deleted'] }],
    }),
    force: new DeleteSecretCommand({ SecretId: 'deleted', ForceDeleteWithoutRecovery: true }),
    'create after the end': create('deleted'),
    'delete nothing': new DeleteSecretCommand({
      SecretId: 'nothing',
      ForceDeleteWithoutRecovery: true,
    }),
  },
};

type Difference = { why: string; onMoto: unknown };

const labels = (name: string, VersionIdsToStages: Record<string, string[]>) => ({
  Name: name,
  VersionIdsToStages,
});
const done = (name: string) => ({ Name: name });

const deprecated =
  'moto lists versions that bear no label, too; AWS leaves them out, as documented';
const onlyCurrent = 'moto asks from where a label is to be moved for AWSCURRENT only; AWS for each';
const noFunction = 'moto has no function of that ARN to call; it begins the rotation all the same';
const tookBoth =
  'moto takes a rotation while another is under way for a new one: it asks the wrong way round';

/** By conversation and step. */
const differences: Record<string, Record<string, Difference>> = {
  'stores new values': {
    describe: {
      why: deprecated,
      onMoto: labels('values', {
        [id('1')]: [],
        [id('2')]: ['AWSPREVIOUS'],
        [id('3')]: ['AWSCURRENT'],
      }),
    },
    versions: {
      why: deprecated,
      onMoto: {
        Name: 'values',
        Versions: [
          { VersionId: id('1'), VersionStages: [] },
          { VersionId: id('2'), VersionStages: ['AWSPREVIOUS'] },
          { VersionId: id('3'), VersionStages: ['AWSCURRENT'] },
        ],
      },
    },
  },
  'keeps the current version where a value is stored with other labels': {
    'describe the end': {
      why: 'moto moves only AWSCURRENT away from others when it stores a current value, so two bear "blue"',
      onMoto: labels('labels', {
        [id('1')]: ['AWSPREVIOUS'],
        [id('2')]: ['blue'],
        [id('3')]: ['green'],
        [id('4')]: ['AWSCURRENT', 'blue'],
      }),
    },
  },
  'makes a pending version the current one': {
    'move to where it is': {
      why: 'moto always asks from where AWSCURRENT is to be moved; AWS only where another version has it',
      onMoto: 'InvalidParameterException',
    },
  },
  'takes AWSPENDING away where a new current value is stored': {
    describe: {
      why: 'moto leaves AWSPENDING; AWS was seen to take it away, but does not document it',
      onMoto: labels('overtaken', {
        [id('1')]: ['AWSPREVIOUS'],
        [id('2')]: ['AWSPENDING'],
        [id('3')]: ['AWSCURRENT'],
      }),
    },
  },
  'moves and removes labels of ours': {
    'describe meanwhile': {
      why: deprecated,
      onMoto: labels('ours', { [id('1')]: ['AWSCURRENT', 'blue', 'green'], [id('2')]: [] }),
    },
    'describe after': {
      why: deprecated,
      onMoto: labels('ours', { [id('1')]: ['AWSCURRENT', 'green'], [id('2')]: [] }),
    },
  },
  'refuses to move a label from where it is not': {
    'say nowhere': { why: onlyCurrent, onMoto: done('elsewhere') },
    describe: {
      why: 'so two versions bear "blue"',
      onMoto: labels('elsewhere', { [id('1')]: ['AWSCURRENT', 'blue'], [id('2')]: ['blue'] }),
    },
    'say a wrong version': { why: 'which it now has there', onMoto: done('elsewhere') },
  },
  'refuses to move a label to no version': {
    move: {
      why: 'moto takes a missing version for a wrong parameter; what AWS does is not documented',
      onMoto: 'InvalidParameterException',
    },
    'say neither from where nor where to': {
      why: 'moto does nothing, and says nothing of it',
      onMoto: done('nowhere'),
    },
    'remove the current one': {
      why: 'moto leaves a secret without AWSCURRENT; AWS refuses ("It can\'t be completely removed")',
      onMoto: done('nowhere'),
    },
    describe: {
      why: 'so its version is now the previous one of none',
      onMoto: labels('nowhere', { [id('1')]: ['AWSPREVIOUS'] }),
    },
  },
  'rotates only with a function': {
    rotate: {
      why: 'moto makes an empty version the current one, and says that AWS requires a function',
      onMoto: { Name: 'still', VersionId: id('2') },
    },
    describe: {
      why: 'so does it say here, too',
      onMoto: {
        ...labels('still', { [id('1')]: ['AWSPREVIOUS'], [id('2')]: ['AWSCURRENT'] }),
        RotationEnabled: false,
        RotationRules: { AutomaticallyAfterDays: 0 },
      },
    },
  },
  'begins a rotation': {
    rotate: { why: noFunction, onMoto: 'ResourceNotFoundException' },
    get: {
      why: 'moto reads what was current before a label was moved, whichever version bears AWSCURRENT',
      onMoto: {
        Name: 'rotated',
        VersionId: id('1'),
        SecretString: 'one',
        VersionStages: ['AWSPREVIOUS'],
      },
    },
  },
  'fills the version of a rotation once': {
    rotate: { why: noFunction, onMoto: 'ResourceNotFoundException' },
    'fill otherwise': {
      why: 'moto overwrites a value as long as it is pending; AWS cannot change a version',
      onMoto: { Name: 'filled', VersionId: id('3'), VersionStages: ['AWSPENDING'] },
    },
    get: {
      why: 'so it has the other value',
      onMoto: {
        Name: 'filled',
        VersionId: id('3'),
        SecretString: 'four',
        VersionStages: ['AWSPENDING'],
      },
    },
  },
  'rotates one after the other': {
    rotate: { why: noFunction, onMoto: 'ResourceNotFoundException' },
    'rotate meanwhile': { why: tookBoth, onMoto: 'ResourceNotFoundException' },
    'fill it': {
      why: 'so the first one has lost its label, and moto does not let it be filled',
      onMoto: 'ResourceExistsException',
    },
  },
  'tags and deletes': {
    put: {
      why: 'moto does not look whether the secret is being deleted',
      onMoto: { Name: 'deleted', VersionId: id('2'), VersionStages: ['AWSCURRENT'] },
    },
    'create meanwhile': {
      why: 'nor does it here',
      onMoto: { Name: 'deleted', VersionId: id('2') },
    },
  },
};

const ours = await startLocalSecretsManager({
  functions: { [functionArn]: () => new Promise(() => {}) },
});
const moto = await startMoto(1);
const clients = { ours: localSecretsClient(ours.url), moto: await motoClient() };
let equal = 0;
const explained: string[] = [];

afterAll(async () => {
  clients.ours.destroy();
  clients.moto?.destroy();
  await Promise.all([moto?.stop(), ours.close()]);
  if (!moto) return console.log('moto_server is not installed, so nothing is compared.');
  console.log(`Secrets Manager: ${equal} steps equal, ${explained.length} different:`);
  for (const line of explained) console.log(`- ${line}`);
});

/** It is served at the address that its Step Functions is at. */
async function motoClient() {
  if (!moto) return undefined;
  const definition = '{"StartAt":"End","States":{"End":{"Type":"Succeed"}}}';
  const { sfn } = await moto.createStateMachine(definition);
  const endpoint = await sfn.config.endpoint?.();
  sfn.destroy();
  return localSecretsClient(`http://${endpoint?.hostname}:${endpoint?.port}`);
}

/** Without what two runs never have in common; labels sorted, as AWS lists them and moto does not. */
const comparable = (answer: object): unknown =>
  JSON.parse(
    JSON.stringify(answer, (key, value) => {
      if (['$metadata', 'ARN', 'NextToken'].includes(key) || key.endsWith('Date')) return undefined;
      // moto says null or '' of what there is not
      if (value === null || value === '') return undefined;
      const isLabels = Array.isArray(value) && value.every((item) => typeof item === 'string');
      return isLabels ? value.toSorted() : value;
    }),
  );

async function hold(client: SecretsManagerClient, steps: Record<string, Command>) {
  const outcomes: Record<string, unknown> = {};
  for (const [title, command] of Object.entries(steps)) {
    outcomes[title] = await client.send(command as never).then(comparable, (error) => error.name);
  }
  return outcomes;
}

// a conversation cannot be held twice
const once = { retry: 0 };

test.runIf(moto).for(Object.entries(conversations))('both: %s', once, async ([title, steps]) => {
  const known = differences[title] ?? {};
  const expected = await hold(clients.ours, steps);
  const seen = await hold(clients.moto as SecretsManagerClient, steps);
  for (const step of Object.keys(steps)) {
    if (isDeepStrictEqual(seen[step], expected[step])) {
      equal += 1;
      expect(known[step], `${step} differs no more`).toBeUndefined();
    } else {
      expect(seen[step], step).toEqual(known[step] ? known[step].onMoto : expected[step]);
      explained.push(`${title}, ${step}: ${known[step]?.why}`);
    }
  }
});

test('explains no step that does not exist', () => {
  for (const [title, steps] of Object.entries(differences)) {
    expect(Object.keys(conversations[title] ?? {})).toEqual(
      expect.arrayContaining(Object.keys(steps)),
    );
  }
});

import { expect, test } from 'vitest';
import { apiConfig, queryConfig } from '../functions/config.ts';
import { ConfigError, type Environment } from '../functions/settings.ts';

const app = { FEISHU_APP_ID: 'cli_a1b2c3', FEISHU_APP_SECRET: 'VerySecretIndeed' };

function errorOf(read: (environment: Environment) => unknown, environment: Environment): Error {
  try {
    read(environment);
  } catch (error) {
    return error as Error;
  }
  throw new Error('the settings were accepted');
}

test('has a default for every setting but the app', () => {
  expect(queryConfig({})).toEqual({
    baseUrl: 'https://open.feishu.cn',
    timeoutMs: 8000,
    outageSeconds: 900,
    allowedBaseUrls: [],
    app: undefined,
  });
});

test('reads every setting', () => {
  const environment = {
    FEISHU_BASE_URL: 'https://open.larksuite.com',
    FEISHU_TIMEOUT_MS: '100',
    FEISHU_OUTAGE_SECONDS: '86400',
    FEISHU_ALLOWED_BASE_URLS: 'https://open.feishu.example.com/, http://127.0.0.1:4000',
    ...app,
    PATH: '/usr/bin',
  };

  expect(queryConfig(environment)).toEqual({
    baseUrl: 'https://open.larksuite.com',
    timeoutMs: 100,
    outageSeconds: 86_400,
    allowedBaseUrls: ['https://open.feishu.example.com', 'http://127.0.0.1:4000'],
    app: { appId: 'cli_a1b2c3', appSecret: 'VerySecretIndeed' },
  });
});

test.for([
  'FEISHU_BASE_URL',
  'FEISHU_TIMEOUT_MS',
  'FEISHU_OUTAGE_SECONDS',
  'FEISHU_APP_ID',
  'FEISHU_APP_SECRET',
])('takes an empty %s for one that is not set', (name) => {
  expect(queryConfig({ [name]: '' })).toEqual(queryConfig({}));
});

test.for([
  ['https://open.feishu.cn', 'https://open.feishu.cn'],
  ['https://open.feishu.cn/', 'https://open.feishu.cn'],
  ['https://open.feishu.cn///', 'https://open.feishu.cn'],
  ['HTTPS://Open.Feishu.CN', 'https://open.feishu.cn'],
  [' https://open.feishu.cn\n', 'https://open.feishu.cn'],
  ['https://open.feishu.cn:8443/', 'https://open.feishu.cn:8443'],
  ['https://gateway.example/feishu/', 'https://gateway.example/feishu'],
  ['https://open.feishu.cn/?', 'https://open.feishu.cn'],
  ['https://open.feishu.cn#', 'https://open.feishu.cn'],
  ['http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
  ['http://127.1.2.3/', 'http://127.1.2.3'],
  ['http://localhost:4000', 'http://localhost:4000'],
  ['http://[::1]:4000', 'http://[::1]:4000'],
] as const)('reads FEISHU_BASE_URL %j as %s', ([text, baseUrl]) => {
  expect(queryConfig({ FEISHU_BASE_URL: text }).baseUrl).toBe(baseUrl);
});

test.for([
  'http://open.feishu.cn',
  'http://localhost.example',
  'http://127.0.0.1.example',
  'http://127.0.0.256',
  'http://10.0.0.1',
  'http://[::2]',
  'http://0.0.0.0',
  'ftp://open.feishu.cn',
  'ftp://127.0.0.1',
  'ws://localhost:4000',
  'file:///etc/hosts',
  'javascript:alert(1)',
  'open.feishu.cn',
  'https://',
  'https://open feishu.cn',
  ' ',
  'https://user@open.feishu.cn',
  'https://:password@open.feishu.cn',
  'http://user:password@127.0.0.1:4000',
  'https://open.feishu.cn/?tenant=1',
  'https://open.feishu.cn/#top',
])('refuses FEISHU_BASE_URL %j', (text) => {
  const error = errorOf(queryConfig, { FEISHU_BASE_URL: text });

  expect(error).toBeInstanceOf(ConfigError);
  expect(error.message).toMatch(/^FEISHU_BASE_URL must be an https URL/);
});

const allowed = (text: string) => queryConfig({ FEISHU_ALLOWED_BASE_URLS: text }).allowedBaseUrls;

test('reads addresses that are allowed, and overlooks what is empty', () => {
  expect(allowed(' https://a.example/ ,, https://b.example/x/,')).toEqual([
    'https://a.example',
    'https://b.example/x',
  ]);
  expect(allowed(' , ')).toEqual([]);
});

test.for([
  'http://a.example',
  'a.example',
  'https://a.example,http://b.example',
  'https://user@a.example',
  'https://a.example https://b.example',
])('refuses FEISHU_ALLOWED_BASE_URLS %j, whatever else is allowed', (text) => {
  const error = errorOf(queryConfig, { FEISHU_ALLOWED_BASE_URLS: text });

  expect(error).toBeInstanceOf(ConfigError);
  expect(error.message).toBe(
    'FEISHU_ALLOWED_BASE_URLS must be https URLs, separated by commas, such as https://open.feishu.example.com',
  );
});

test('reads what the names of secrets begin with', () => {
  const prefixOf = (text: string) =>
    queryConfig({ PROFILE_SECRET_PREFIX: text }).profileSecretPrefix;

  expect(prefixOf('feishu-import/dev/')).toBe('feishu-import/dev/');
  expect(prefixOf('a'.repeat(400))).toHaveLength(400);
  for (const text of ['a'.repeat(401), 'a b', 'ä', 'a*']) {
    expect(errorOf(queryConfig, { PROFILE_SECRET_PREFIX: text }).message).toMatch(
      /^PROFILE_SECRET_PREFIX must be/,
    );
  }
});

test('reads an app without the blanks around it, and a file of profiles instead of one', () => {
  const spaced = { FEISHU_APP_ID: ' cli_a1b2c3\n', FEISHU_APP_SECRET: ' VerySecretIndeed ' };
  const file = { FEISHU_PROFILES_FILE: 'profiles.json' };

  expect(queryConfig(spaced).app).toEqual({ appId: 'cli_a1b2c3', appSecret: 'VerySecretIndeed' });
  expect(queryConfig({ FEISHU_APP_ID: ' ', FEISHU_APP_SECRET: ' ' }).app).toBeUndefined();
  expect(queryConfig(file).profilesFile).toBe('profiles.json');
  expect(errorOf(queryConfig, { ...app, ...file }).message).toBe(
    'FEISHU_PROFILES_FILE and FEISHU_APP_ID cannot both be set: the file holds every profile',
  );
});

const numbers = [
  ['FEISHU_TIMEOUT_MS', 100, 30_000],
  ['FEISHU_OUTAGE_SECONDS', 1, 86_400],
] as const;

test.for(
  numbers.flatMap(([name, smallest, largest]) => [
    [name, smallest],
    [name, largest],
  ]),
)('accepts %s %d', ([name, value]) => {
  expect(Object.values(queryConfig({ [String(name)]: String(value) }))).toContain(value);
});

const notWhole = ['1.5', '-1', '+500', '1e3', '0x1f4', 'abc', ' ', '500 ', '500ms', 'NaN', '٥٠٠'];

test.for(
  numbers.flatMap(([name, smallest, largest]) =>
    [String(smallest - 1), String(largest + 1), '9'.repeat(40), ...notWhole].map((text) => ({
      name,
      text,
      range: `from ${smallest} to ${largest}`,
    })),
  ),
)('refuses $name $text', ({ name, text, range }) => {
  const error = errorOf(queryConfig, { [name]: text });

  expect(error).toBeInstanceOf(ConfigError);
  expect(error.message).toBe(
    `${name} must be a whole number ${range}, not ${JSON.stringify(text)}`,
  );
});

test('names every setting that it cannot understand, each on its own line', () => {
  const { message } = errorOf(queryConfig, {
    FEISHU_BASE_URL: 'open.feishu.cn',
    FEISHU_TIMEOUT_MS: '1',
    FEISHU_OUTAGE_SECONDS: '0',
    FEISHU_APP_ID: 'cli_a1b2c3',
  });

  expect(message.split('\n').map((line) => line.split(' ')[0])).toEqual([
    'FEISHU_BASE_URL',
    'FEISHU_TIMEOUT_MS',
    'FEISHU_OUTAGE_SECONDS',
    'FEISHU_APP_ID',
  ]);
});

test.for(['FEISHU_APP_ID', 'FEISHU_APP_SECRET'] as const)('refuses %s alone', (name) => {
  const error = errorOf(queryConfig, { [name]: app[name] });

  expect(error).toBeInstanceOf(ConfigError);
  expect(error.message).toBe('FEISHU_APP_ID and FEISHU_APP_SECRET must both be set, or neither');
});

test('shows no secret in a message', () => {
  const { message, stack } = errorOf(queryConfig, {
    FEISHU_APP_SECRET: app.FEISHU_APP_SECRET,
    FEISHU_BASE_URL: 'https://user:hunter2@open.feishu.cn/?key=hunter3',
    FEISHU_TIMEOUT_MS: '0',
  });

  expect(message + stack).not.toMatch(/VerySecretIndeed|hunter/);
});

const stateMachineArn = 'arn:aws:states:eu-central-1:123456789012:stateMachine:import';

test.for([
  stateMachineArn,
  'arn:aws-cn:states:cn-north-1:123456789012:stateMachine:import',
  'arn:aws:states:us-east-1:123456789012:stateMachine:my-stack_import',
])('accepts STATE_MACHINE_ARN %s', (arn) => {
  expect(apiConfig({ STATE_MACHINE_ARN: arn })).toEqual({ stateMachineArn: arn });
});

test.for([
  'import',
  'arn:aws:states:eu-central-1:123456789012:execution:import:1',
  'arn:aws:lambda:eu-central-1:123456789012:function:import',
  `${stateMachineArn}:live`,
  stateMachineArn.slice(0, -'import'.length),
  `x${stateMachineArn}`,
])('refuses STATE_MACHINE_ARN %s', (arn) => {
  const error = errorOf(apiConfig, { STATE_MACHINE_ARN: arn });

  expect(error).toBeInstanceOf(ConfigError);
  expect(error.message).toBe('STATE_MACHINE_ARN must be the ARN of a state machine');
});

test.for([{}, { STATE_MACHINE_ARN: '' }])('needs STATE_MACHINE_ARN: %j', (environment) => {
  const error = errorOf(apiConfig, environment);

  expect(error).toBeInstanceOf(ConfigError);
  expect(error.message).toBe('STATE_MACHINE_ARN is not set');
});

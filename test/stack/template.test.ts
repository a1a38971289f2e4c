import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { queryConfig } from '../../functions/config.ts';
import { errorCatalogue } from '../../functions/core/error-catalogue.ts';
import { renewalConfig, rotationConfig, ticketConfig } from '../../functions/credentials-config.ts';
import { renewalMetrics } from '../../functions/renew-user-tokens.ts';
import { matches } from './event-pattern.ts';
import {
  type Json,
  objectsIn,
  Packaging,
  type Resource,
  referencesOf,
  resourcesOf,
  type Template,
} from './packaging.ts';

// The template as a fresh clone packages it, without credentials, network settings or a region.

const allOptions = {
  feishuAllowedBaseUrls: 'https://open.feishu.example.com,https://open.feishu.example.org/gateway',
  secretsKmsKeyArn:
    'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  appTickets: 'both',
  userTokens: 'true',
  userTokenApi: 'v2',
  queryReservedConcurrency: '10',
  runtime: 'nodejs22.x',
  architecture: 'x86_64',
  jwtIssuer: 'https://login.example.com/tenant',
  jwtAudience: 'feishu-import, another',
  jwtScopes: 'imports/write',
  subnetIds: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
  securityGroupIds: 'sg-0123456789abcdef0',
  alarmEmail: 'on-call@example.com',
  feishuGroupWebhookSecret: 'feishu-import/prod-group',
};

const copies = [new Packaging(), new Packaging(), new Packaging(), new Packaging()] as const;
afterAll(() => {
  for (const copy of copies) copy.remove();
});
const dev = await copies[0].package('dev');
const { dist } = copies[0];
const [full, handedOn, misconfigured] = await Promise.all([
  copies[1].package('prod', allOptions, dist),
  copies[2].package('dev', { appTickets: 'private' }, dist),
  copies[3].osls('package', '--param', 'logRetentionDays=0', '--param', 'logRetention=30'),
]);
const packages = [
  ['dev', dev.template],
  ['prod with every option', full.template],
  ['dev with tickets that are handed on', handedOn.template],
] as const;
const perPackage = test.for<readonly [string, Template]>(packages);
const openRoute = 'POST /feishu/events/{app_id}';

const linted = promisify(execFile)('cfn-lint', [
  ...['--regions', 'us-east-1', 'cn-north-1', 'cn-northwest-1', '--'],
  ...[dev, full, handedOn].map((one) => one.templateFile),
]).then(
  () => '',
  (error: { code: unknown; stdout: string; stderr: string }) =>
    // 127: a wrapper that finds nothing to run
    error.code === 'ENOENT' || error.code === 127
      ? 'not installed'
      : `exit ${error.code}: ${error.stdout}${error.stderr}`,
);

function resource(template: Template, name: string): Resource {
  const found = template.Resources[name];
  if (!found) throw new Error(`there is no ${name} in the template`);
  return found;
}

test('stops a misconfigured deploy before it packages anything, naming the setting', () => {
  expect(misconfigured.failed).toBe(true);
  expect(misconfigured.said).toContain('There is no setting logRetention;');
  expect(misconfigured.said).not.toContain('deploy-settings.ts:');
});

test('packages the same sources to the same bytes', () => {
  for (const name of ['queryImport', 'startImport', 'getImport', 'cancelImport']) {
    expect(dev.zip(name).equals(full.zip(name)), name).toBe(true);
  }
});

test.for([
  ['queryImport', 'dist/query-import'],
  ['startImport', 'dist/start-import'],
  ['getImport', 'dist/get-import'],
  ['cancelImport', 'dist/cancel-import'],
  ['receiveAppTicket', 'dist/receive-app-ticket'],
  ['rotateUserToken', 'dist/rotate-user-token'],
  ['renewUserTokens', 'dist/renew-user-tokens'],
] as const)('packages %s with nothing but its own bundle and the licences', ([name, bundle]) => {
  const [loadedAtStart, ...others] = filesInZip(full.zip(name)).sort();

  expect(loadedAtStart).toBe(`${bundle}.mjs`);
  expect(others).toContain('dist/third-party.txt');
  for (const file of others) {
    const isPart = file.startsWith(`${bundle}.parts/`) && file.endsWith('.mjs');
    expect(isPart || file === 'dist/third-party.txt', file).toBe(true);
  }
});

test.for([
  ['by default', dev.template],
  ['where tickets are handed on', handedOn.template],
] as const)('asks on every route who calls, %s', ([, template]) => {
  const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route');

  expect(routes.map(([, { Properties }]) => Properties.RouteKey).sort()).toEqual([
    '$default',
    'ANY /imports',
    'ANY /imports/{id}',
    'DELETE /imports/{id}',
    'GET /imports',
    'GET /imports/{id}',
    'POST /imports',
  ]);
  for (const [name, { Properties }] of routes) {
    expect(Properties.AuthorizationType, name).toBe('AWS_IAM');
  }
});

test('asks for a token on every route, and its scopes, where an issuer is set', () => {
  const [authorizer, ...others] = resourcesOf(full.template, 'AWS::ApiGatewayV2::Authorizer');

  expect(others).toEqual([]);
  expect(authorizer?.[1].Properties).toMatchObject({
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: {
      Issuer: 'https://login.example.com/tenant',
      Audience: ['feishu-import', 'another'],
    },
  });
  const routes = resourcesOf(full.template, 'AWS::ApiGatewayV2::Route').filter(
    ([, { Properties }]) => Properties.RouteKey !== openRoute,
  );
  expect(routes).toHaveLength(7);
  for (const [, { Properties }] of routes) {
    expect(Properties).toMatchObject({
      AuthorizationType: 'JWT',
      AuthorizerId: { Ref: authorizer?.[0] },
      AuthorizationScopes: ['imports/write'],
    });
  }
});

test('asks nobody who calls on the route of events, where it is turned on, and on no other', () => {
  const open = resourcesOf(full.template, 'AWS::ApiGatewayV2::Route').filter(
    ([, { Properties }]) => (Properties.AuthorizationType ?? 'NONE') === 'NONE',
  );

  expect(open.map(([, { Properties }]) => Properties)).toMatchObject([
    {
      RouteKey: openRoute,
      Target: {
        'Fn::Join': ['/', ['integrations', { Ref: 'HttpApiIntegrationReceiveAppTicket' }]],
      },
    },
  ]);
  expect(full.template.Outputs.FeishuEventsUrl.Value['Fn::Sub']).toBe(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own
    'https://${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/feishu/events/{app_id}',
  );
});

test('limits how often the API may be called, and what anybody may call further', () => {
  const { DependsOn, Properties } = resource(full.template, 'HttpApiStage');
  const [[routeName] = []] = resourcesOf(full.template, 'AWS::ApiGatewayV2::Route').filter(
    ([, route]) => route.Properties.RouteKey === openRoute,
  );

  expect(resource(dev.template, 'HttpApiStage').Properties.DefaultRouteSettings).toEqual({
    ThrottlingRateLimit: 50,
    ThrottlingBurstLimit: 100,
  });
  expect(Properties.RouteSettings).toEqual({
    [openRoute]: { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 },
  });
  // API Gateway refuses settings of a route that is not there yet
  expect(DependsOn).toContain(routeName);
  for (const { template } of [dev, handedOn]) {
    expect(resource(template, 'HttpApiStage').Properties).not.toHaveProperty('RouteSettings');
    expect(template.Outputs).not.toHaveProperty('FeishuEventsUrl');
  }
});

const ofCredentials =
  /AppTicket|UserToken|Rotation|Renewal|TokensNotRenewed|Authorisation|Credential|SecretsKey/;

test('deploys nothing for store apps and users unless that is turned on', () => {
  const { Resources, Outputs } = dev.template;
  const names = [...Object.keys(Resources), ...Object.keys(Outputs)];

  expect(names.filter((name) => ofCredentials.test(name))).toEqual([]);
  expect(JSON.stringify(Resources)).not.toMatch(/PutSecretValue|RotateSecret|ListSecrets|kms:/);
});

test('deploys for store apps what takes their tickets, and nothing for users', () => {
  const added = Object.keys(handedOn.template.Resources).filter(
    (name) => !(name in dev.template.Resources),
  );

  expect(added.sort()).toEqual([
    'AppTicketErrorsAlarm',
    'AskForAppTicketPolicy',
    'ReceiveAppTicketLambdaFunction',
    'ReceiveAppTicketLogGroup',
    'ReceiveAppTicketRole',
  ]);
  expect(handedOn.template.Outputs.ReceiveAppTicketFunctionArn.Value).toEqual({
    'Fn::GetAtt': ['ReceiveAppTicketLambdaFunction', 'Arn'],
  });
});

test.for([
  ['dev', 30, 6, dev.template],
  ['prod', 365, 9, full.template],
] as const)('lets every log group of %s expire after %i days', ([, days, count, template]) => {
  const groups = resourcesOf(template, 'AWS::Logs::LogGroup');

  expect(groups).toHaveLength(count);
  for (const [name, { Properties }] of groups) expect(Properties.RetentionInDays, name).toBe(days);
});

/** Actions that take no resource. */
const withoutResource =
  /^(xray:(Put|Get)\w+|logs:\w+LogDeliver(y|ies)|logs:(Put|Describe)ResourcePolic(y|ies)|logs:DescribeLogGroups|ec2:Describe(NetworkInterfaces|Subnets)|secretsmanager:ListSecrets)$/;

perPackage(
  'grants no wildcard action in %s, and * only where an action takes no resource',
  ([, template]) => {
    const allowed = [
      ...resourcesOf(template, 'AWS::IAM::Role'),
      ...resourcesOf(template, 'AWS::IAM::Policy'),
      ...resourcesOf(template, 'AWS::IAM::ManagedPolicy'),
    ].flatMap(([, { Properties }]) =>
      [...objectsIn(Properties)].filter(({ Effect, Resource }) => Effect === 'Allow' && Resource),
    );

    expect(allowed.length).toBeGreaterThan(10);
    for (const { Action, Resource } of allowed) {
      for (const action of [Action].flat()) {
        expect(action).not.toContain('*');
        if ([Resource].flat().includes('*')) expect(action).toMatch(withoutResource);
      }
    }
  },
);

const executionsOfMachine = {
  'Fn::Sub':
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own
    'arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:${ImportStateMachine.Name}:*',
};
const machine = { Ref: 'ImportStateMachine' };

/** The secrets whose names begin with the prefix of a stage. */
const secrets = (stage: string, names = '*') => ({
  'Fn::Sub': `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:feishu-import/${stage}/${names}`,
});
const functionOf = (name: string) => ({ 'Fn::GetAtt': [`${name}LambdaFunction`, 'Arn'] });

/** Whatever the policies of a role say, wherever they are attached to it. */
function statementsOf(template: Template, role: string): Json[] {
  const attached = resourcesOf(template, 'AWS::IAM::Policy').filter(([, { Properties }]) =>
    JSON.stringify(Properties.Roles).includes(`"${role}"`),
  );
  return [
    resource(template, role).Properties.Policies,
    attached.map(([, { Properties }]) => Properties.PolicyDocument),
  ].flatMap((policies) => [...objectsIn(policies)].filter(({ Effect }) => Effect));
}

const read = 'secretsmanager:GetSecretValue';
const write = 'secretsmanager:PutSecretValue';
const describe = 'secretsmanager:DescribeSecret';
const label = 'secretsmanager:UpdateSecretVersionStage';
const allow = (Action: string | string[], Resource: Json) => ({
  Effect: 'Allow',
  Action,
  Resource,
});
// by its name, which must be the one that it has
const rotationFunctionArn = `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${resource(full.template, 'RotateUserTokenLambdaFunction').Properties.FunctionName}`;
const notOfApps = {
  Effect: 'Deny',
  Action: 'secretsmanager:*',
  Resource: secrets('prod', 'apps/*'),
};
const withKey = (Action: string) => ({
  ...allow(Action, allOptions.secretsKmsKeyArn),
  Condition: { StringLike: { 'kms:EncryptionContext:SecretARN': secrets('prod') } },
});
const ofApi: [string, Json[]][] = [
  [
    'StartImportRole',
    [
      allow('states:StartExecution', machine),
      allow(['states:DescribeExecution', 'states:GetExecutionHistory'], executionsOfMachine),
    ],
  ],
  [
    'GetImportRole',
    [
      allow(['states:DescribeExecution', 'states:GetExecutionHistory'], executionsOfMachine),
      allow('states:ListExecutions', machine),
    ],
  ],
  [
    'CancelImportRole',
    [allow(['states:DescribeExecution', 'states:StopExecution'], executionsOfMachine)],
  ],
];

test.for<[string, Template, [string, Json[]][]]>([
  ['dev', dev.template, [['QueryImportRole', [allow(read, secrets('dev'))]], ...ofApi]],
  [
    'dev with tickets that are handed on',
    handedOn.template,
    [
      ['QueryImportRole', [allow(read, secrets('dev')), allow(write, secrets('dev', 'apps/*'))]],
      ['ReceiveAppTicketRole', [allow([read, write, label], secrets('dev', 'apps/*'))]],
      ...ofApi,
    ],
  ],
  [
    'prod with every option',
    full.template,
    [
      [
        'QueryImportRole',
        [
          allow(read, secrets('prod')),
          allow(write, secrets('prod', 'apps/*')),
          withKey('kms:Decrypt'),
          withKey('kms:GenerateDataKey'),
        ],
      ],
      [
        'ReceiveAppTicketRole',
        [
          allow([read, write, label], secrets('prod', 'apps/*')),
          withKey('kms:Decrypt'),
          withKey('kms:GenerateDataKey'),
        ],
      ],
      [
        'RotateUserTokenRole',
        [
          {
            ...allow([read, write, describe, label], secrets('prod')),
            Condition: {
              StringEquals: {
                'secretsmanager:resource/AllowRotationLambdaArn': {
                  'Fn::Sub': rotationFunctionArn,
                },
              },
            },
          },
          notOfApps,
          withKey('kms:Decrypt'),
          withKey('kms:GenerateDataKey'),
        ],
      ],
      [
        'RenewUserTokensRole',
        [
          allow('secretsmanager:ListSecrets', '*'),
          allow([read, describe, label, 'secretsmanager:RotateSecret'], secrets('prod')),
          notOfApps,
          allow('lambda:InvokeFunction', functionOf('RotateUserToken')),
          withKey('kms:Decrypt'),
        ],
      ],
      ...ofApi,
    ],
  ],
])(
  'lets every role of %s do what its function does, log and trace, and nothing else',
  ([, template, rights]) => {
    for (const [name, expected] of rights) {
      const logGroup = { 'Fn::GetAtt': [name.replace('Role', 'LogGroup'), 'Arn'] };
      const always = [
        allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup),
        allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*'),
      ];
      const statements = statementsOf(template, name);

      expect(statements, name).toHaveLength(expected.length + always.length);
      expect(statements, name).toEqual(expect.arrayContaining([...expected, ...always]));
    }
    // those of functions, and of nothing else
    const roles = resourcesOf(template, 'AWS::Lambda::Function').map(
      ([, { Properties }]) => Properties.Role['Fn::GetAtt'][0],
    );
    expect(roles.sort()).toEqual(rights.map(([name]) => name).sort());
  },
);

perPackage('lets services of its own account alone take the roles of %s', ([, template]) => {
  for (const [name, { Properties }] of resourcesOf(template, 'AWS::IAM::Role')) {
    for (const { Principal, Condition } of Properties.AssumeRolePolicyDocument.Statement) {
      const isLambda = Principal.Service === 'lambda.amazonaws.com';
      // AWS does not document that Lambda says for whom it asks
      expect(Condition[isLambda ? 'StringEqualsIfExists' : 'StringEquals'], name).toEqual({
        'aws:SourceAccount': { Ref: 'AWS::AccountId' },
      });
      expect(Condition.ArnLike?.['aws:SourceArn'] !== undefined, name).toBe(!isLambda);
    }
  }
});

test.for([
  ['by default', dev.template, 4, 'nodejs24.x', 'arm64'],
  ['as set', full.template, 7, 'nodejs22.x', 'x86_64'],
] as const)(
  'gives every function its own role, %s',
  ([, template, count, runtime, architecture]) => {
    const functions = resourcesOf(template, 'AWS::Lambda::Function');
    const roles = functions.map(([, { Properties }]) => JSON.stringify(Properties.Role));

    expect(functions).toHaveLength(count);
    expect(new Set(roles).size).toBe(count);
    for (const [name, { Properties }] of functions) {
      expect(Properties.Runtime, name).toBe(runtime);
      expect(Properties.Architectures, name).toEqual([architecture]);
      expect(Properties.LoggingConfig.LogFormat, name).toBe('JSON');
      expect(Properties.TracingConfig, name).toEqual({
        'Fn::If': ['HasXRay', { Mode: 'Active' }, { Ref: 'AWS::NoValue' }],
      });
    }
  },
);

test('tells the query function where Feishu and its secrets are', () => {
  const { Properties } = resource(dev.template, 'QueryImportLambdaFunction');

  expect(Properties.Environment.Variables).toEqual({
    FEISHU_BASE_URL: 'https://open.feishu.cn',
    FEISHU_TIMEOUT_MS: '8000',
    FEISHU_OUTAGE_SECONDS: '900',
    FEISHU_ALLOWED_BASE_URLS: '',
    PROFILE_SECRET_PREFIX: 'feishu-import/dev/',
    METRIC_NAMESPACE: 'FeishuImport/dev',
  });
  expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
  expect(Properties).not.toHaveProperty('VpcConfig');
});

test.for<[string, (environment: Json) => unknown, Json]>([
  [
    'ReceiveAppTicket',
    ticketConfig,
    { PROFILE_SECRET_PREFIX: 'feishu-import/prod/', APP_TICKETS: 'both' },
  ],
  [
    'RotateUserToken',
    rotationConfig,
    {
      FEISHU_BASE_URL: 'https://open.feishu.cn',
      FEISHU_ALLOWED_BASE_URLS: allOptions.feishuAllowedBaseUrls,
      FEISHU_USER_TOKEN_API: 'v2',
    },
  ],
  [
    'RenewUserTokens',
    renewalConfig,
    {
      PROFILE_SECRET_PREFIX: 'feishu-import/prod/',
      ROTATION_FUNCTION_ARN: functionOf('RotateUserToken'),
      METRIC_NAMESPACE: 'FeishuImport/prod',
    },
  ],
])('tells the function %s what it asks for', ([name, config, variables]) => {
  const { Environment } = resource(full.template, `${name}LambdaFunction`).Properties;

  expect(Environment.Variables).toEqual(variables);
  // as it is once CloudFormation has put the ARN in
  expect(() => config({ ...variables, ROTATION_FUNCTION_ARN: 'arn' })).not.toThrow();
});

test('tells the query function which hosts a profile may name', () => {
  const { Environment } = resource(full.template, 'QueryImportLambdaFunction').Properties;

  expect(queryConfig(Environment.Variables).allowedBaseUrls).toEqual(
    allOptions.feishuAllowedBaseUrls.split(','),
  );
});

test('has tokens renewed every 15 minutes', () => {
  const schedules = resourcesOf(full.template, 'AWS::Events::Rule').filter(
    ([, { Properties }]) => Properties.ScheduleExpression,
  );

  expect(schedules.map(([, { Properties }]) => Properties)).toMatchObject([
    {
      ScheduleExpression: 'rate(15 minutes)',
      State: 'ENABLED',
      Targets: [{ Arn: functionOf('RenewUserTokens') }],
    },
  ]);
});

test('leaves it to the next run to renew what one has not', () => {
  const invoking = resourcesOf(full.template, 'AWS::Lambda::EventInvokeConfig');

  expect(invoking.map(([, { Properties }]) => Properties)).toMatchObject([
    { FunctionName: { Ref: 'RenewUserTokensLambdaFunction' }, MaximumRetryAttempts: 0 },
  ]);
});

test('lets Secrets Manager rotate for its own account, and others call by rules and routes of ours', () => {
  const permissions = resourcesOf(full.template, 'AWS::Lambda::Permission');
  const ofSecretsManager = permissions.filter(
    ([, { Properties }]) => Properties.Principal === 'secretsmanager.amazonaws.com',
  );

  expect(ofSecretsManager.map(([, { Properties }]) => Properties)).toEqual([
    {
      FunctionName: functionOf('RotateUserToken'),
      Action: 'lambda:InvokeFunction',
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
    },
  ]);
  for (const [name, { Properties }] of permissions) {
    expect(Properties.SourceAccount ?? Properties.SourceArn, name).toBeDefined();
  }
});

test('gives the functions for credentials the time and the processor they need', () => {
  const { Timeout, MemorySize } = resource(
    full.template,
    'ReceiveAppTicketLambdaFunction',
  ).Properties;
  const rotation = resource(full.template, 'RotateUserTokenLambdaFunction').Properties;
  const renewal = resource(full.template, 'RenewUserTokensLambdaFunction').Properties;

  // Feishu wants its check of the URL answered within a second, also from a cold start
  expect(MemorySize).toBeGreaterThanOrEqual(1024);
  expect(Timeout).toBe(10);
  // under the two minutes after which refresh-claim.ts takes a run for dead
  expect(rotation.Timeout).toBe(90);
  expect(renewal.Timeout).toBe(120);
});

test('stops the query function before the state machine gives it up', () => {
  const asl = JSON.parse(readFileSync('infra/import.asl.json', 'utf8'));
  const { Timeout } = resource(dev.template, 'QueryImportLambdaFunction').Properties;

  expect(Timeout).toBeLessThan(asl.States.QueryImport.TimeoutSeconds);
});

test('puts what calls Feishu into the subnets that are set, with the rights it takes', () => {
  const inSubnets = resourcesOf(full.template, 'AWS::Lambda::Function').filter(
    ([, { Properties }]) => Properties.VpcConfig,
  );

  expect(inSubnets.map(([, { Properties }]) => Properties.Role['Fn::GetAtt'][0])).toEqual([
    'QueryImportRole',
    'RotateUserTokenRole',
  ]);
  for (const [, { Properties }] of inSubnets) {
    const [role] = Properties.Role['Fn::GetAtt'];
    expect(Properties.VpcConfig).toEqual({
      SubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
      SecurityGroupIds: ['sg-0123456789abcdef0'],
    });
    expect(resource(full.template, role).Properties.ManagedPolicyArns).toEqual([
      { Ref: 'VpcPolicy' },
    ]);
    // the interfaces are Lambda's to make, not the code's
    expect(JSON.stringify(resource(full.template, 'VpcPolicy'))).toContain(
      `:function:${Properties.FunctionName}"`,
    );
  }
  expect(dev.template.Resources).not.toHaveProperty('VpcPolicy');
});

test('keeps back a part of the concurrency where that is set', () => {
  const { Properties } = resource(full.template, 'QueryImportLambdaFunction');

  expect(Properties.ReservedConcurrentExecutions).toBe(10);
});

perPackage(
  'deploys the state machine of %s as its file has it, every placeholder substituted',
  ([, template]) => {
    const { Properties } = resource(template, 'ImportStateMachine');
    const file = readFileSync('infra/import.asl.json', 'utf8');
    const placeholders = [...file.matchAll(/\$\{([^}]+)\}/g)].map(([, name]) => name);

    expect(Properties.DefinitionString).toBe(file);
    expect(Object.keys(Properties.DefinitionSubstitutions)).toEqual([...new Set(placeholders)]);
    expect(Properties).toMatchObject({
      StateMachineType: 'STANDARD',
      LoggingConfiguration: { Level: 'ERROR', IncludeExecutionData: false },
      TracingConfiguration: { Enabled: { 'Fn::If': ['HasXRay', true, false] } },
    });
  },
);

perPackage('leaves no reference of %s dangling', ([, template]) => {
  for (const object of objectsIn({ ...template.Resources, Outputs: template.Outputs })) {
    for (const name of referencesOf(object)) expect(template.Resources).toHaveProperty(name);
    const [condition] = object['Fn::If'] ?? [];
    if (condition) expect(template.Conditions).toHaveProperty(condition);
  }
});

perPackage('has no cycle among the resources of %s', ([, template]) => {
  const finished = new Set<string>();
  const visit = (name: string, path: string[]) => {
    if (finished.has(name)) return;
    expect(path, [...path, name].join(' -> ')).not.toContain(name);
    const { DependsOn = [], ...rest } = resource(template, name);
    const next = [DependsOn, ...[...objectsIn(rest)].map(referencesOf)].flat();
    for (const dependency of next) visit(dependency, [...path, name]);
    finished.add(name);
  };

  for (const name of Object.keys(template.Resources)) visit(name, []);
});

perPackage(
  'spells out no partition, region or host of AWS in %s',
  ([, { Conditions, ...rest }]) => {
    // what is set spells out its own
    const text = JSON.stringify(rest).replaceAll(allOptions.secretsKmsKeyArn, '');
    const hosts = text.match(/[\w.-]*amazonaws\.\w+(\.cn)?/g) ?? [];

    expect(text).not.toMatch(/arn:aws/);
    expect(text).not.toMatch(/\b[a-z]{2}(-gov|-iso\w?)?-(north|south|east|west|central)\w*-\d\b/);
    // service principals are called so in every partition
    const services = ['apigateway', 'cloudwatch', 'events', 'lambda', 'secretsmanager', 'states'];
    const rotates = 'RotateUserTokenPermission' in rest.Resources;
    expect([...new Set(hosts)].sort()).toEqual(
      services
        .filter((name) => rotates || name !== 'secretsmanager')
        .map((name) => `${name}.amazonaws.com`),
    );
    expect(Conditions).toEqual({
      HasXRay: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'AWS::Partition' }, 'aws-cn'] }] },
    });
  },
);

perPackage('holds nothing in %s of what the secrets hold', ([, template]) => {
  const text = JSON.stringify(template);

  expect(text).not.toMatch(/app_secret|encrypt_key|verification_token|access_token|refresh_token/);
  // CloudFormation reads one of them itself, where its name is set
  expect([...new Set(text.match(/\{\{resolve:[^}]*\}\}/g))]).toEqual(
    template === full.template ? ['{{resolve:secretsmanager:feishu-import/prod-group}}'] : [],
  );
});

const rules = ['OwnFaultsRule', 'FailedImportsRule', 'OutagesRule', 'CallersFaultsRule'];

/** The rules that an ended execution of the state machine matches. */
function rulesFor(detail: { status: string; error?: string }, stateMachineArn: Json = machine) {
  const event = {
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    detail: { ...detail, stateMachineArn: JSON.stringify(stateMachineArn) },
  };
  return rules.filter((name) => {
    const pattern = structuredClone(resource(dev.template, name).Properties.EventPattern);
    pattern.detail.stateMachineArn = pattern.detail.stateMachineArn.map((arn: Json) =>
      JSON.stringify(arn),
    );
    return matches(pattern, event);
  });
}

/** Told apart by who has to do something. */
function ruleOf(error: string): string {
  if (/^(Import\.TimedOut|Feishu\.Unavailable)$/.test(error)) return 'OutagesRule';
  if (error.startsWith('Import.')) return 'FailedImportsRule';
  if (
    /^(Internal|Profile|States)\.|\.(CredentialsRejected|ScopeMissing|IpNotAllowed|QuotaExceeded|TokenRejected|Rejected|AppTicketMissing|AuthorisationExpired)$/.test(
      error,
    )
  ) {
    return 'OwnFaultsRule';
  }
  return 'CallersFaultsRule';
}

test.for(Object.keys(errorCatalogue))('tells of %s by exactly one rule', (error) => {
  expect(rulesFor({ status: 'FAILED', error })).toEqual([ruleOf(error)]);
});

test.for(['States.Runtime', 'States.DataLimitExceeded', 'Lambda.Unknown', 'Import.NotOfOurs'])(
  'takes %s for a fault of our own',
  (error) => {
    expect(rulesFor({ status: 'FAILED', error })).toEqual(['OwnFaultsRule']);
  },
);

test('takes an execution without an error, or out of its own time, for a fault of our own', () => {
  expect(rulesFor({ status: 'FAILED' })).toEqual(['OwnFaultsRule']);
  expect(rulesFor({ status: 'TIMED_OUT' })).toEqual(['OwnFaultsRule']);
});

test.for(['ABORTED', 'SUCCEEDED', 'RUNNING'])(
  'tells nobody of executions that are %s',
  (status) => {
    expect(rulesFor({ status })).toEqual([]);
  },
);

test("tells nobody of another state machine's executions", () => {
  expect(rulesFor({ status: 'FAILED', error: 'Internal.Error' }, 'another')).toEqual([]);
});

test.for(rules)('tells the topic of what matches %s, and raises an alarm by it', (name) => {
  const { EventPattern, Targets } = resource(dev.template, name).Properties;
  const alarms = resourcesOf(dev.template, 'AWS::CloudWatch::Alarm').filter(([, alarm]) =>
    JSON.stringify(alarm.Properties.Dimensions).includes(`"${name}"`),
  );

  // more is refused by EventBridge
  expect(JSON.stringify(EventPattern).length).toBeLessThan(2048 - 100);
  expect(Targets).toMatchObject([
    {
      Arn: { Ref: 'AlarmTopic' },
      DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['AlarmDeadLetters', 'Arn'] } },
    },
  ]);
  expect(JSON.stringify(resource(dev.template, 'AlarmTopicPolicy'))).toContain(`["${name}","Arn"]`);
  expect(alarms).toHaveLength(1);
  expect(alarms[0]?.[1].Properties).toMatchObject({
    Namespace: 'AWS/Events',
    MetricName: 'MatchedEvents',
  });
});

const rulesOnEvents = resourcesOf(full.template, 'AWS::Events::Rule').filter(
  ([, { Properties }]) => Properties.EventPattern,
);

test.for(rulesOnEvents)('fills in the message of %s', ([, rule]) => {
  const [{ InputTransformer, RetryPolicy, DeadLetterConfig }] = rule.Properties.Targets;
  const { InputPathsMap, InputTemplate } = InputTransformer;
  const filled = InputTemplate.replaceAll(/<(\w+)>/g, (_: string, name: string) => {
    expect(InputPathsMap).toHaveProperty(name);
    return 'x';
  });

  // one JSON object, or strings line by line
  const parts = filled.startsWith('{') ? [filled] : filled.split('\n');
  expect(() => parts.map((part: string) => JSON.parse(part))).not.toThrow();
  expect(filled).toMatch(/Feishu import x: x/);
  expect(RetryPolicy).toBeDefined();
  expect(DeadLetterConfig).toBeDefined();
});

test('tells a Feishu group of the same, where the secret with its webhook is named', () => {
  const toGroup = resourcesOf(full.template, 'AWS::Events::Rule').filter(([name]) =>
    name.endsWith('ToGroup'),
  );

  const ofEvents = toGroup.filter(([name]) => !name.endsWith('AlarmsToGroup'));
  expect(ofEvents.map(([name]) => name.replace('ToGroup', 'Rule'))).toEqual(rules);
  for (const [name, { Properties }] of ofEvents) {
    const sibling = resource(full.template, name.replace('ToGroup', 'Rule')).Properties;
    expect(Properties.EventPattern).toEqual(sibling.EventPattern);
    const { InputTemplate } = Properties.Targets[0].InputTransformer;
    expect(JSON.parse(InputTemplate)).toEqual({
      msg_type: 'text',
      content: { text: expect.stringContaining('Feishu import') },
    });
  }
  expect(resource(full.template, 'FeishuGroupDestination').Properties.InvocationEndpoint).toBe(
    '{{resolve:secretsmanager:feishu-import/prod-group}}',
  );
  expect(resourcesOf(dev.template, 'AWS::Events::ApiDestination')).toEqual([]);
});

test('tells a Feishu group of every alarm', () => {
  const patterns = ['AlarmsToGroup', 'CredentialAlarmsToGroup'].map(
    (name) => resource(full.template, name).Properties.EventPattern,
  );
  const told = patterns.flatMap(({ resources }) =>
    resources.map((one: Json) => one['Fn::GetAtt'][0]),
  );

  for (const pattern of patterns) {
    expect(pattern).toMatchObject({
      source: ['aws.cloudwatch'],
      'detail-type': ['CloudWatch Alarm State Change'],
      detail: { state: { value: ['ALARM'] } },
    });
    // an ARN of the longest stage and region, and 12 letters that AWS adds; EventBridge refuses more than 2,048
    expect(pattern.resources.length * 150 + 200).toBeLessThan(2048);
  }
  expect(told.sort()).toEqual(
    resourcesOf(full.template, 'AWS::CloudWatch::Alarm')
      .map(([name]) => name)
      .sort(),
  );
});

perPackage(
  'lets only services of AWS, and only for this stack of %s, write to topic and queue',
  ([, template]) => {
    const policies = [
      ...resourcesOf(template, 'AWS::SNS::TopicPolicy'),
      ...resourcesOf(template, 'AWS::SQS::QueuePolicy'),
    ];
    const allowed = policies.flatMap(([, { Properties }]) =>
      [Properties.PolicyDocument.Statement].flat().filter((one: Json) => one.Effect === 'Allow'),
    );

    expect(allowed.length).toBeGreaterThan(1);
    for (const statement of allowed) {
      expect(statement.Principal.Service).toMatch(/^\w+\.amazonaws\.com$/);
      expect(JSON.stringify(statement.Condition)).toMatch(/aws:Source(Account|Arn)/);
    }
  },
);

const alarms = [
  'ApiFaultsAlarm',
  'CallersFaultsAlarm',
  'DeadLettersAlarm',
  'ExecutionsThrottledAlarm',
  'FailedImportsAlarm',
  'OutagesAlarm',
  'OwnFaultsAlarm',
  'QueryErrorsAlarm',
  'QueryThrottlesAlarm',
];
const alarmsOfTickets = ['AppTicketErrorsAlarm'];
const alarmsOfUsers = [
  'AuthorisationNeededAlarm',
  'RenewalErrorsAlarm',
  'RotationErrorsAlarm',
  'TokensNotRenewedAlarm',
];

test.for([
  ['dev', alarms, dev.template],
  ['dev with tickets that are handed on', [...alarms, ...alarmsOfTickets], handedOn.template],
  ['prod with every option', [...alarms, ...alarmsOfTickets, ...alarmsOfUsers], full.template],
] as const)(
  'sends every alarm of %s to the topic, and for want of data the one whose metric every run writes',
  ([, expected, template]) => {
    const found = resourcesOf(template, 'AWS::CloudWatch::Alarm');

    expect(found.map(([name]) => name).sort()).toEqual([...expected].sort());
    for (const [name, { Properties }] of found) {
      const isWritten = name === 'TokensNotRenewedAlarm';
      expect(Properties.TreatMissingData, name).toBe(isWritten ? 'breaching' : 'notBreaching');
      expect(Properties.AlarmActions).toEqual([{ Ref: 'AlarmTopic' }]);
      expect(Properties.AlarmDescription).toMatch(/\.$/);
    }
  },
);

test.for([
  ['AppTicketErrorsAlarm', 'ReceiveAppTicketLambdaFunction', { EvaluationPeriods: 1 }],
  [
    'RotationErrorsAlarm',
    'RotateUserTokenLambdaFunction',
    { Period: 1800, EvaluationPeriods: 3, DatapointsToAlarm: 2 },
  ],
  ['RenewalErrorsAlarm', 'RenewUserTokensLambdaFunction', { EvaluationPeriods: 1 }],
] as const)('raises %s by errors of %s, within %o', ([name, functionName, periods]) => {
  expect(resource(full.template, name).Properties).toMatchObject({
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Dimensions: [{ Name: 'FunctionName', Value: { Ref: functionName } }],
    Threshold: 1,
    ...periods,
  });
});

test('raises alarms by the metrics that a run of renewUserTokens writes', () => {
  const report = { renewing: [], failed: ['a'], needing_authorisation: ['b'] };
  const namespace = resource(full.template, 'RenewUserTokensLambdaFunction').Properties.Environment
    .Variables.METRIC_NAMESPACE;
  const { _aws, ...values } = JSON.parse(renewalMetrics(report, namespace, 0));
  const [written] = _aws.CloudWatchMetrics;
  const watched = ['TokensNotRenewedAlarm', 'AuthorisationNeededAlarm'].map(
    (name) => resource(full.template, name).Properties,
  );

  expect(watched.map(({ MetricName }) => MetricName)).toEqual(Object.keys(values));
  for (const { Namespace, Dimensions, Threshold } of watched) {
    expect(Namespace).toBe(written.Namespace);
    expect(Dimensions ?? []).toEqual(written.Dimensions[0]);
    expect(Threshold).toBe(1);
  }
});

test.for(alarmsOfUsers)('keeps %s up until a later run went well', (name) => {
  // the rule runs every 15 minutes
  expect(resource(full.template, name).Properties).toMatchObject({
    Period: 1800,
    OKActions: [{ Ref: 'AlarmTopic' }],
  });
});

test('subscribes the e-mail address that is set', () => {
  const subscriptions = (template: Template) =>
    resource(template, 'AlarmTopic').Properties.Subscription;

  expect(subscriptions(dev.template)).toEqual([]);
  expect(subscriptions(full.template)).toEqual([
    { Protocol: 'email', Endpoint: 'on-call@example.com' },
  ]);
});

test('draws the dashboard in two columns, in its own region, with every metric of our own', () => {
  const { 'Fn::Sub': text } = resource(dev.template, 'ImportDashboard').Properties.DashboardBody;
  const { widgets } = JSON.parse(text) as { widgets: Json[] };
  const places = widgets.map(({ x, y }) => `${x} ${y}`);

  expect(new Set(places).size).toBe(widgets.length);
  for (const { x, width, properties } of widgets) {
    expect(x + width).toBeLessThanOrEqual(24);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own
    expect(properties.region).toBe('${AWS::Region}');
  }
  for (const metric of ['Imports', 'QueriesPerImport', 'SecondsToFinish', 'RateLimits', 'Lag']) {
    expect(text).toContain(`MetricName=\\"${metric}\\"`);
  }
});

test('satisfies cfn-lint where that is installed', async ({ skip }) => {
  const findings = await linted;
  if (findings === 'not installed') skip('cfn-lint is not installed');

  expect(findings).toBe('');
});

/** The names in a zip's central directory. */
function filesInZip(zip: Buffer): string[] {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = zip.readUInt32LE(end + 16);
  return Array.from({ length: zip.readUInt16LE(end + 10) }, () => {
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const start = at + 46;
    at = start + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
    return zip.toString('utf8', start, start + (name ?? 0));
  });
}

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { errorCatalogue } from '../../functions/core/error-catalogue.ts';
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

const copies = [new Packaging(), new Packaging(), new Packaging()] as const;
afterAll(() => {
  for (const copy of copies) copy.remove();
});
const [dev, full, misconfigured] = await Promise.all([
  copies[0].package('dev'),
  copies[1].package('prod', allOptions),
  copies[2].osls('package', '--param', 'logRetentionDays=0', '--param', 'logRetention=30'),
]);
const packages = [
  ['dev', dev.template],
  ['prod with every option', full.template],
] as const;
const perPackage = test.for<readonly [string, Template]>(packages);

const linted = promisify(execFile)('cfn-lint', [
  ...['--regions', 'us-east-1', 'cn-north-1', 'cn-northwest-1', '--'],
  ...[dev, full].map((one) => one.templateFile),
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
  ['queryImport', 'dist/query-import.mjs'],
  ['startImport', 'dist/start-import.mjs'],
  ['getImport', 'dist/get-import.mjs'],
  ['cancelImport', 'dist/cancel-import.mjs'],
] as const)('packages %s with nothing but its own bundle', ([name, bundle]) => {
  expect(filesInZip(dev.zip(name))).toEqual([bundle]);
});

test('asks on every route who calls', () => {
  const routes = resourcesOf(dev.template, 'AWS::ApiGatewayV2::Route');

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
  for (const [, { Properties }] of resourcesOf(full.template, 'AWS::ApiGatewayV2::Route')) {
    expect(Properties).toMatchObject({
      AuthorizationType: 'JWT',
      AuthorizerId: { Ref: authorizer?.[0] },
      AuthorizationScopes: ['imports/write'],
    });
  }
});

test('limits how often the API may be called', () => {
  expect(resource(dev.template, 'HttpApiStage').Properties.DefaultRouteSettings).toEqual({
    ThrottlingRateLimit: 50,
    ThrottlingBurstLimit: 100,
  });
});

test.for([
  ['dev', 30, dev.template],
  ['prod', 365, full.template],
] as const)('lets every log group of %s expire after %i days', ([, days, template]) => {
  const groups = resourcesOf(template, 'AWS::Logs::LogGroup');

  expect(groups).toHaveLength(6);
  for (const [name, { Properties }] of groups) expect(Properties.RetentionInDays, name).toBe(days);
});

/** Actions that take no resource. */
const withoutResource =
  /^(xray:(Put|Get)\w+|logs:\w+LogDeliver(y|ies)|logs:(Put|Describe)ResourcePolic(y|ies)|logs:DescribeLogGroups|ec2:Describe(NetworkInterfaces|Subnets))$/;

perPackage(
  'grants no wildcard action in %s, and * only where an action takes no resource',
  ([, template]) => {
    const allowed = [
      ...resourcesOf(template, 'AWS::IAM::Role'),
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

test.for<[string, [string | string[], Json][]]>([
  [
    'QueryImportRole',
    [
      [
        'secretsmanager:GetSecretValue',
        {
          'Fn::Sub':
            // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own
            'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:feishu-import/dev/*',
        },
      ],
    ],
  ],
  [
    'StartImportRole',
    [
      ['states:StartExecution', machine],
      [['states:DescribeExecution', 'states:GetExecutionHistory'], executionsOfMachine],
    ],
  ],
  [
    'GetImportRole',
    [
      [['states:DescribeExecution', 'states:GetExecutionHistory'], executionsOfMachine],
      ['states:ListExecutions', machine],
    ],
  ],
  [
    'CancelImportRole',
    [[['states:DescribeExecution', 'states:StopExecution'], executionsOfMachine]],
  ],
])('lets %s do what its function does, log and trace, and nothing else', ([name, rights]) => {
  const { Policies } = resource(dev.template, name).Properties;
  const statements = [...objectsIn(Policies)].filter(({ Effect }) => Effect);
  const logGroup = name.replace('Role', 'LogGroup');

  expect(statements.map(({ Action, Resource }) => [Action, Resource])).toEqual([
    ...rights,
    [['logs:CreateLogStream', 'logs:PutLogEvents'], { 'Fn::GetAtt': [logGroup, 'Arn'] }],
    [['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*'],
  ]);
});

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
  ['by default', dev.template, 'nodejs24.x', 'arm64'],
  ['as set', full.template, 'nodejs22.x', 'x86_64'],
] as const)('gives every function its own role, %s', ([, template, runtime, architecture]) => {
  const functions = resourcesOf(template, 'AWS::Lambda::Function');
  const roles = functions.map(([, { Properties }]) => JSON.stringify(Properties.Role));

  expect(functions).toHaveLength(4);
  expect(new Set(roles).size).toBe(4);
  for (const [name, { Properties }] of functions) {
    expect(Properties.Runtime, name).toBe(runtime);
    expect(Properties.Architectures, name).toEqual([architecture]);
    expect(Properties.LoggingConfig.LogFormat, name).toBe('JSON');
    expect(Properties.TracingConfig, name).toEqual({
      'Fn::If': ['HasXRay', { Mode: 'Active' }, { Ref: 'AWS::NoValue' }],
    });
  }
});

test('tells the query function where Feishu and its secrets are', () => {
  const { Properties } = resource(dev.template, 'QueryImportLambdaFunction');

  expect(Properties.Environment.Variables).toEqual({
    FEISHU_BASE_URL: 'https://open.feishu.cn',
    FEISHU_TIMEOUT_MS: '8000',
    FEISHU_OUTAGE_SECONDS: '900',
    PROFILE_SECRET_PREFIX: 'feishu-import/dev/',
    METRIC_NAMESPACE: 'FeishuImport/dev',
  });
  expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
  expect(Properties).not.toHaveProperty('VpcConfig');
});

test('stops the query function before the state machine gives it up', () => {
  const asl = JSON.parse(readFileSync('infra/import.asl.json', 'utf8'));
  const { Timeout } = resource(dev.template, 'QueryImportLambdaFunction').Properties;

  expect(Timeout).toBeLessThan(asl.States.QueryImport.TimeoutSeconds);
});

test('puts the query function into the subnets that are set, with the rights it takes', () => {
  const { Properties } = resource(full.template, 'QueryImportLambdaFunction');

  expect(Properties.VpcConfig).toEqual({
    SubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    SecurityGroupIds: ['sg-0123456789abcdef0'],
  });
  expect(Properties.ReservedConcurrentExecutions).toBe(10);
  expect(resource(full.template, 'QueryImportRole').Properties.ManagedPolicyArns).toEqual([
    { Ref: 'QueryImportVpcPolicy' },
  ]);
  expect(dev.template.Resources).not.toHaveProperty('QueryImportVpcPolicy');
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
    const text = JSON.stringify(rest);
    const hosts = text.match(/[\w.-]*amazonaws\.\w+(\.cn)?/g) ?? [];

    expect(text).not.toMatch(/arn:aws/);
    expect(text).not.toMatch(/\b[a-z]{2}(-gov|-iso\w?)?-(north|south|east|west|central)\w*-\d\b/);
    // service principals are called so in every partition
    expect([...new Set(hosts)].sort()).toEqual(
      ['apigateway', 'cloudwatch', 'events', 'lambda', 'states'].map(
        (name) => `${name}.amazonaws.com`,
      ),
    );
    expect(Conditions).toEqual({
      HasXRay: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'AWS::Partition' }, 'aws-cn'] }] },
    });
  },
);

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
    /^(Internal|Profile|States)\.|\.(CredentialsRejected|ScopeMissing|IpNotAllowed|QuotaExceeded|TokenRejected|Rejected)$/.test(
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

test.for(resourcesOf(full.template, 'AWS::Events::Rule'))(
  'fills in the message of %s',
  ([, rule]) => {
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
  },
);

test('tells a Feishu group of the same, where the secret with its webhook is named', () => {
  const toGroup = resourcesOf(full.template, 'AWS::Events::Rule').filter(([name]) =>
    name.endsWith('ToGroup'),
  );

  const ofEvents = toGroup.filter(([name]) => name !== 'AlarmsToGroup');
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
  const { EventPattern } = resource(full.template, 'AlarmsToGroup').Properties;

  expect(EventPattern).toMatchObject({
    source: ['aws.cloudwatch'],
    'detail-type': ['CloudWatch Alarm State Change'],
    detail: { state: { value: ['ALARM'] } },
  });
  expect(EventPattern.resources.map((one: Json) => one['Fn::GetAtt'][0]).sort()).toEqual(
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

perPackage('sends every alarm of %s to the topic, and none for want of data', ([, template]) => {
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm');

  expect(alarms.map(([name]) => name).sort()).toEqual([
    'ApiFaultsAlarm',
    'CallersFaultsAlarm',
    'DeadLettersAlarm',
    'ExecutionsThrottledAlarm',
    'FailedImportsAlarm',
    'OutagesAlarm',
    'OwnFaultsAlarm',
    'QueryErrorsAlarm',
    'QueryThrottlesAlarm',
  ]);
  for (const [, { Properties }] of alarms) {
    expect(Properties.TreatMissingData).toBe('notBreaching');
    expect(Properties.AlarmActions).toEqual([{ Ref: 'AlarmTopic' }]);
    expect(Properties.AlarmDescription).toMatch(/\.$/);
  }
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

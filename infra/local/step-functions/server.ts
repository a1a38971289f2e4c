import { serveAwsJson, unknownOperation } from '../aws-json.ts';
import { functionArn, stateMachineArn } from './arns.ts';
import { loadDefinition } from './definition.ts';
import { type ExecutionEnded, type StateEntered, startEngine } from './engine.ts';
import { executionStore } from './executions.ts';
import { invoke, type LocalFunction } from './lambda.ts';
import { operations } from './operations.ts';
import { namespaceOf, StepFunctionsFault } from './service-fault.ts';
import { type Bucket, defaultBuckets, tokenBucket } from './token-bucket.ts';

type OperationName = keyof typeof defaultBuckets;

export type LocalStepFunctionsOptions = {
  /** Text of the ASL file. Each placeholder in it has its function, and the other way round. */
  definition: string;
  functions: Record<string, LocalFunction>;
  stateMachineName?: string;
  /** The Lambda functions' own timeout. */
  functionTimeoutMs?: number;
  /** How many seconds pass in a second of waiting. Functions run, and time out, in real time. */
  timeLapse?: number;
  /** How long reads do not see what happened. */
  staleReadMs?: number;
  /** How many executions that have ended are kept, in memory. Default 20,000: some 40 MB. */
  keptExecutions?: number;
  throttling?: boolean;
  buckets?: Partial<Record<OperationName, Bucket>>;
  onStateEntered?: (event: StateEntered) => void;
  onExecutionEnded?: (event: ExecutionEnded) => void;
  port?: number;
};

export type LocalStepFunctions = {
  url: string;
  stateMachineArn: string;
  functionArn(placeholder: string): string;
  /** Aborts what runs. */
  close(): Promise<void>;
  runningExecutions(): number;
};

function takeTokens({ throttling = false, buckets }: LocalStepFunctionsOptions) {
  if (!throttling) return () => true;
  const all: Record<OperationName, Bucket> = { ...defaultBuckets, ...buckets };
  const takes = new Map(
    Object.entries(all).map(([name, bucket]) => [name, tokenBucket(bucket, Date.now)]),
  );
  return (operation: OperationName) => takes.get(operation)?.() ?? true;
}

function localLambda(functions: LocalStepFunctionsOptions['functions'], timeoutMs: number) {
  const byArn = new Map(
    Object.entries(functions).map(([placeholder, run]) => [functionArn(placeholder), run]),
  );
  return async (arn: string, event: unknown) => {
    const run = byArn.get(arn);
    if (!run) throw new Error(`No function ${arn}`);
    return invoke(run, arn, event, timeoutMs);
  };
}

/** The Step Functions API for one state machine in this process, for the unmodified AWS SDK. */
export async function startLocalStepFunctions(
  options: LocalStepFunctionsOptions,
): Promise<LocalStepFunctions> {
  const {
    functions,
    stateMachineName: machineName = 'import',
    functionTimeoutMs = 45_000,
  } = options;
  const { timeLapse = 1, staleReadMs = 0, port = 0 } = options;
  if (!(timeLapse >= 1 && Number.isFinite(timeLapse))) {
    throw new Error(`timeLapse must be a number of at least 1, not ${timeLapse}`);
  }
  const definition = loadDefinition(options.definition, Object.keys(functions), functionArn);
  const store = executionStore(options.keptExecutions);
  const engine = await startEngine({
    definition,
    machineName,
    timeLapse,
    invoke: localLambda(functions, functionTimeoutMs),
    onStateEntered: options.onStateEntered,
    onExecutionEnded: (event) => {
      store.hasEnded(event.executionName);
      options.onExecutionEnded?.(event);
    },
  });
  const api = operations({ definition, machineName, store, engine, staleReadMs });
  const takeToken = takeTokens(options);
  const isOperation = (name: string): name is OperationName => Object.hasOwn(api, name);

  const server = await serveAwsJson(
    {
      version: '1.0',
      targetPrefix: 'AWSStepFunctions.',
      namespaceOf,
      messageKey: 'message',
      async answer(name, readRequest) {
        if (!isOperation(name)) return unknownOperation(name);
        if (!takeToken(name)) throw new StepFunctionsFault('ThrottlingException', 'Rate exceeded');
        return api[name](await readRequest());
      },
    },
    port,
  );

  let closed: Promise<void> | undefined;
  return {
    url: server.url,
    stateMachineArn: stateMachineArn(machineName),
    functionArn,
    close() {
      engine.stopAll();
      closed ??= server.close();
      return closed;
    },
    runningExecutions: engine.running,
  };
}

const region = 'us-east-1';
const account = '000000000000';

export const roleArn = `arn:aws:iam::${account}:role/local`;

export const functionArn = (functionName: string) =>
  `arn:aws:lambda:${region}:${account}:function:${functionName}`;

export const stateMachineArn = (machineName: string) =>
  `arn:aws:states:${region}:${account}:stateMachine:${machineName}`;

export const executionArn = (machineName: string, executionName: string) =>
  `arn:aws:states:${region}:${account}:execution:${machineName}:${executionName}`;

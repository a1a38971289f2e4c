import { ServiceFault } from '../aws-json.ts';

const namespaces = {
  SerializationException: 'com.amazon.coral.service',
  ThrottlingException: 'com.amazon.coral.availability',
  UnknownOperationException: 'com.amazon.coral.service',
  ValidationException: 'com.amazon.coral.validate',
  ExecutionAlreadyExists: 'com.amazonaws.swf.service.v2.model',
  ExecutionDoesNotExist: 'com.amazonaws.swf.service.v2.model',
  InvalidArn: 'com.amazonaws.swf.service.v2.model',
  InvalidExecutionInput: 'com.amazonaws.swf.service.v2.model',
  InvalidName: 'com.amazonaws.swf.service.v2.model',
  InvalidToken: 'com.amazonaws.swf.service.v2.model',
  StateMachineDoesNotExist: 'com.amazonaws.swf.service.v2.model',
} as const;

/** A refusal of Step Functions: answered with HTTP 400, as everything AWS blames on the caller. */
export class StepFunctionsFault extends ServiceFault {
  constructor(name: keyof typeof namespaces, message: string) {
    super(name, message);
  }
}

export function namespaceOf(fault: string): string | undefined {
  return Object.entries(namespaces).find(([name]) => name === fault)?.[1];
}

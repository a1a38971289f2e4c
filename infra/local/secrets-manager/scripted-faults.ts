import { HangUp, type Request, ServiceFault } from '../aws-json.ts';
import type { OperationName } from './api.ts';

/** What to answer instead; `isAfterWork`: the operation is done, and only its answer gets lost. */
export type ScriptedFault =
  | 'hang up'
  | { name: string; message?: string; status?: number; isAfterWork?: boolean };

export type FaultFor = (operation: OperationName, input: Request) => ScriptedFault | undefined;

export const throttled: ScriptedFault = { name: 'ThrottlingException', message: 'Rate exceeded' };
export const denied: ScriptedFault = { name: 'AccessDeniedException' };
export const internalError: ScriptedFault = { name: 'InternalServiceError', status: 500 };
/** The work is done, but its caller does not learn it. */
export const lostAnswer: ScriptedFault = { name: 'hang up', isAfterWork: true };

export const isAfterWork = (fault: ScriptedFault) =>
  fault !== 'hang up' && fault.isAfterWork === true;

export function faultError(fault: ScriptedFault): Error {
  if (fault === 'hang up' || fault.name === 'hang up') return new HangUp('socket hang up');
  return new ServiceFault(fault.name, fault.message ?? 'as scripted', fault.status);
}

import type { BilingualText } from '../core/bilingual-text.ts';
import { executionInput, inputKeys, subjectOf } from './execution-input.ts';
import { type Fault, faultsInChinese, faultsOf } from './input-faults.ts';
import type { ExecutionInput, Subject } from './plain-input.ts';

/** An input that its schema has looked at: what it asks for, or all that is wrong with it, and whose it is. */
export type CheckedInput =
  | { request: ExecutionInput }
  | { request: undefined; subject: Subject; message: BilingualText };

export function checkInput(input: unknown): CheckedInput {
  const { data, error } = executionInput.safeParse(input);
  if (!error) return { request: data };
  const message = {
    en: `The execution's input is not valid: ${listed(faultsOf(error, inputKeys), '; ')}.`,
    zh: `执行的输入无效：${listed(faultsInChinese(error, inputKeys), '；')}。`,
  };
  return { request: undefined, subject: subjectOf(input), message };
}

function listed(faults: Fault[], separator: string): string {
  return faults.map(({ message }) => message).join(separator);
}

import { expect, test } from 'vitest';
import { checkInput } from '../../functions/contract/check-input.ts';

test('says all that is wrong with an input, in both languages, and whose it is', () => {
  const checked = checkInput({ ticket: '1', profile: 'a', timeout_seconds: 0, tikcet: '2' });

  expect(checked).toStrictEqual({
    request: undefined,
    subject: { ticket: '1', profile: 'a' },
    message: {
      en: expect.stringMatching(
        /^The execution's input is not valid: timeout_seconds must be .+; "tikcet" is not known here; known are ticket, .+, request_id, .+\.$/,
      ),
      zh: expect.stringMatching(
        /^执行的输入无效：timeout_seconds 必须是.+；不支持 "tikcet"；支持的有 ticket, .+, request_id, .+。$/,
      ),
    },
  });
});

test('an input that is right after all is read', () => {
  expect(checkInput({ ticket: '1' })).toMatchObject({ request: { ticket: '1' } });
});

import * as undici from 'undici';
import { expect, test } from 'vitest';
import { Agent, errors } from '../../functions/feishu/undici.ts';

// What is taken from inside undici is what its index exports.

test("is undici's own agent, and its own errors", () => {
  expect(Agent).toBe(undici.Agent);
  expect(errors).toBe(undici.errors);
});

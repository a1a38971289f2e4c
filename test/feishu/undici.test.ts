import * as undici from 'undici';
import { expect, test } from 'vitest';
import { errors, Pool } from '../../functions/feishu/undici.ts';

// What is taken from inside undici is what its index exports.

test("is undici's own pool, and its own errors", () => {
  expect(Pool).toBe(undici.Pool);
  expect(errors).toBe(undici.errors);
});

import { readFileSync, statSync } from 'node:fs';
import { ConfigError } from '../config.ts';
import { parseJson } from '../core/json.ts';
import type { ReadSecret } from './secret-store.ts';

/**
 * Secrets from a JSON file on this machine: an object whose keys are the names of profiles (and
 * `apps/<app_id>` for store apps), each with what its secret would hold. Read again whenever it is asked,
 * so that a change counts. Throws a ConfigError where it cannot be used, or others may read it.
 */
export function secretsFromFile(path: string): ReadSecret {
  checkFile(path);
  return async (name) => {
    const secrets = read(path);
    if (typeof secrets === 'string')
      return { kind: 'no_profile', reason: secrets, reasonZh: secrets };
    if (Object.hasOwn(secrets, name)) {
      return { kind: 'secret', text: JSON.stringify(secrets[name]) };
    }
    return {
      kind: 'no_profile',
      reason: `there is no "${name}" in the file of profiles`,
      reasonZh: `profile 文件中没有 "${name}"`,
    };
  };
}

function checkFile(path: string): void {
  const { mode } = statSync(path, { throwIfNoEntry: false }) ?? notThere(path);
  // Windows has no such bits, and reports those of everybody
  if (process.platform !== 'win32' && mode & 0o077) {
    throw new ConfigError(
      `FEISHU_PROFILES_FILE ${path} can be read by others than you: run chmod 600 ${path}`,
    );
  }
  const secrets = read(path);
  if (typeof secrets === 'string') throw new ConfigError(secrets);
}

/** What the file holds, or what is wrong with it. */
function read(path: string): Record<string, unknown> | string {
  try {
    const content = parseJson(readFileSync(path, 'utf8'));
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
      return content as Record<string, unknown>;
    }
  } catch {
    return `FEISHU_PROFILES_FILE ${path} cannot be read`;
  }
  return `FEISHU_PROFILES_FILE ${path} must hold a JSON object of profiles, as {"default": {"kind": "custom", "app_id": "…", "app_secret": "…"}}`;
}

function notThere(path: string): never {
  throw new ConfigError(`FEISHU_PROFILES_FILE ${path} does not exist`);
}

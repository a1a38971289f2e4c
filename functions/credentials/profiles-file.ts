import { isObject, parseJson } from '../core/json.ts';
import { ConfigError } from '../settings.ts';
import type { ReadSecret } from './secret-store.ts';

/**
 * Secrets from a JSON file on this machine: an object whose keys are the names of profiles (and
 * `apps/<app_id>` for store apps), each with what its secret would hold. Read again whenever it is asked,
 * so that a change counts. Throws a ConfigError where it cannot be used, or others may read it.
 */
export function secretsFromFile(path: string): ReadSecret {
  const atStart = readFile(path);
  if (atStart.kind === 'fault') throw new ConfigError(atStart.fault);

  return async (name) => {
    const file = readFile(path);
    if (file.kind === 'fault') {
      return { kind: 'no_profile', reason: file.fault, reasonZh: file.fault };
    }
    if (Object.hasOwn(file.secrets, name)) {
      return { kind: 'secret', text: JSON.stringify(file.secrets[name]) };
    }
    return {
      kind: 'no_profile',
      reason: `there is no "${name}" in the file of profiles`,
      reasonZh: `profile 文件中没有 "${name}"`,
    };
  };
}

type ProfilesFile =
  | { kind: 'secrets'; secrets: Readonly<Record<string, unknown>> }
  | { kind: 'fault'; fault: string };

function readFile(path: string): ProfilesFile {
  // an import of it would have every start in AWS load it, where there is no such file
  const { readFileSync, statSync } = process.getBuiltinModule('node:fs');
  const fault = (what: string): ProfilesFile => ({
    kind: 'fault',
    fault: `FEISHU_PROFILES_FILE ${path} ${what}`,
  });
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) return fault('does not exist');
    // Windows has no such bits, and reports those of everybody
    if (process.platform !== 'win32' && stats.mode & 0o077) {
      return fault(`can be read by others than you: run chmod 600 ${path}`);
    }
    const secrets = parseJson(readFileSync(path, 'utf8'));
    return isObject(secrets)
      ? { kind: 'secrets', secrets }
      : fault(
          'must hold a JSON object of profiles, as {"default": {"kind": "custom", "app_id": "…", "app_secret": "…"}}',
        );
  } catch {
    return fault('cannot be read');
  }
}

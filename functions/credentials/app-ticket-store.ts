import { createHash } from 'node:crypto';
import { type AppSecret, appSecretName, readAppSecret, withAppTicket } from './app-secret.ts';
import type { SecretVersions } from './secret-versions.ts';

type NotFound = { kind: 'unknown_app'; reason: string };
type Fault = { kind: 'fault'; fault: string };

export type FoundApp = { kind: 'app'; value: AppSecret; versionId: string; text: string };

/** Where the tickets of store apps are kept: in the secret of the app, beside what it is proved with. */
export type AppTicketStore = {
  find(appId: string, deadline: number): Promise<FoundApp | NotFound | Fault>;
  /** Keeps a ticket that is newer than the one that is there; whatever else the secret holds stays. */
  store(
    ticket: { appId: string; appTicket: string; pushedAt: number },
    deadline: number,
  ): Promise<{ kind: 'stored' } | { kind: 'not_newer' } | NotFound | Fault>;
};

export function appTicketStore(prefix: string, versions: SecretVersions): AppTicketStore {
  async function find(appId: string, deadline: number): Promise<FoundApp | NotFound | Fault> {
    const name = appSecretName(prefix, appId);
    const current = await versions.read(name, { stage: 'AWSCURRENT' }, deadline);
    if (current.kind === 'fault') return current;
    if (current.kind === 'none') {
      return { kind: 'unknown_app', reason: `the secret ${name} does not exist` };
    }
    const { versionId, text } = current;
    const read = readAppSecret(text, name, appId);
    return read.kind === 'read'
      ? { kind: 'app', value: read.value, versionId, text }
      : { kind: 'unknown_app', reason: read.reason };
  }

  return {
    find,
    async store({ appId, appTicket, pushedAt }, deadline) {
      const found = await find(appId, deadline);
      if (found.kind !== 'app') return found;
      const { appTicket: kept, appTicketPushedAt = 0 } = found.value;
      if (kept === appTicket || pushedAt <= appTicketPushedAt) return { kind: 'not_newer' };

      // the same event, delivered twice at once, makes one version
      const versionId = createHash('sha256')
        .update(`${found.versionId} ${appTicket} ${pushedAt}`)
        .digest('hex');
      const text = withAppTicket(found.text, appTicket, pushedAt);
      const name = appSecretName(prefix, appId);
      const version = { versionId, text, stages: ['AWSCURRENT'] };
      const created = await versions.create(name, version, deadline);
      if (created.kind === 'exists') return { kind: 'not_newer' };
      return created.kind === 'created' ? { kind: 'stored' } : created;
    },
  };
}

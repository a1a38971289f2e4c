import { createHash } from 'node:crypto';
import { type AppSecret, appSecretName, readAppSecret, withAppTicket } from './app-secret.ts';
import type { SecretVersions } from './secret-versions.ts';

type NotFound = { kind: 'unknown_app'; reason: string };
type Fault = { kind: 'fault'; fault: string };

type Ticket = { appId: string; appTicket: string; pushedAt: number };

const current = 'AWSCURRENT';

/**
 * On a version with a new ticket before it is the current one: that is made current only in place of the
 * version that it was made from, so that nothing else that was stored meanwhile gets lost.
 */
const ticketLabel = 'FEISHU_APP_TICKET';

/** Times in a row that somebody else may have stored something meanwhile. */
const attempts = 5;

export type FoundApp = { kind: 'app'; value: AppSecret; versionId: string; text: string };

/** Where the tickets of store apps are kept: in the secret of the app, beside what it is proved with. */
export type AppTicketStore = {
  find(appId: string, deadline: number): Promise<FoundApp | NotFound | Fault>;
  /** Keeps a ticket that is newer than the one that is there; whatever else the secret holds stays. */
  store(
    ticket: Ticket,
    deadline: number,
  ): Promise<{ kind: 'stored' } | { kind: 'not_newer' } | NotFound | Fault>;
};

export function appTicketStore(prefix: string, versions: SecretVersions): AppTicketStore {
  async function find(appId: string, deadline: number): Promise<FoundApp | NotFound | Fault> {
    const name = appSecretName(prefix, appId);
    const version = await versions.read(name, { stage: current }, deadline);
    if (version.kind === 'fault') return version;
    if (version.kind === 'none') {
      return { kind: 'unknown_app', reason: `the secret ${name} does not exist` };
    }
    const { versionId, text } = version;
    const read = readAppSecret(text, name, appId);
    return read.kind === 'read'
      ? { kind: 'app', value: read.value, versionId, text }
      : { kind: 'unknown_app', reason: read.reason };
  }

  return {
    find,
    async store(ticket, deadline) {
      const name = appSecretName(prefix, ticket.appId);
      let found = await find(ticket.appId, deadline);
      for (let attempt = 1; ; attempt++) {
        if (found.kind !== 'app') return found;
        if (found.value.appTicket === ticket.appTicket) {
          // a move that has lost its answer, or the same event delivered twice at once
          return { kind: attempt === 1 ? 'not_newer' : 'stored' };
        }
        if (ticket.pushedAt <= (found.value.appTicketPushedAt ?? 0)) return { kind: 'not_newer' };

        const to = versionIdOf(ticket, found);
        const text = withAppTicket(found.text, ticket.appTicket, ticket.pushedAt);
        const version = { versionId: to, text, stages: [ticketLabel] };
        const created = await versions.create(name, version, deadline);
        if (created.kind === 'fault') return created;
        // created before: it is current no longer, or not yet
        const move = { from: found.versionId, to };
        const moved = await versions.moveStage(name, current, move, deadline);
        if (moved.kind === 'moved') return { kind: 'stored' };

        const latest = await find(ticket.appId, deadline);
        const isChanged = latest.kind !== 'app' || latest.versionId !== found.versionId;
        if (!isChanged || attempt === attempts) return moved;
        found = latest;
      }
    },
  };
}

/** The same event, delivered twice at once, makes one version. */
function versionIdOf({ appTicket, pushedAt }: Ticket, { versionId }: FoundApp): string {
  return createHash('sha256').update(`${versionId} ${appTicket} ${pushedAt}`).digest('hex');
}

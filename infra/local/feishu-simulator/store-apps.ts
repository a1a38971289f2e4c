import { createAppTickets } from './app-tickets.ts';
import type { IsvApp } from './apps.ts';
import { createEventSender } from './event-sender.ts';

/** The store apps, with what Feishu sends each of them. */
export function createStoreApps(apps: IsvApp[], now: () => number) {
  // copies, so that a new event URL stays in this simulator
  const isvApps = apps.map((app) => ({ ...app }));
  const tickets = createAppTickets();
  const events = createEventSender(now);

  function find(appId: string): IsvApp {
    const app = isvApps.find((isvApp) => isvApp.appId === appId);
    if (!app) throw new Error(`No store app ${appId}.`);
    return app;
  }

  return {
    isvApps,
    tickets,
    pushAppTicket: async (appId: string) => events.sendAppTicket(find(appId), tickets.make(appId)),
    checkEventUrl: async (appId: string) => events.checkUrl(find(appId)),
    setEventUrl(appId: string, url: string): void {
      find(appId).eventUrl = url;
    },
    close: events.close,
  };
}

export type StoreApps = ReturnType<typeof createStoreApps>;

import { randomUUID } from 'node:crypto';

/** Each store app's tickets. No source says that a new one ends those before it, so none does. */
export function createAppTickets() {
  const tickets = new Map<string, string[]>();
  const validOf = (appId: string) => tickets.get(appId) ?? [];

  function make(appId: string): string {
    const ticket = randomUUID().replaceAll('-', '');
    tickets.set(appId, [...validOf(appId), ticket]);
    return ticket;
  }

  return {
    make,
    newest: (appId: string) => validOf(appId).at(-1),
    isValid: (appId: string, ticket: unknown) => validOf(appId).some((valid) => valid === ticket),
    expireAll: () => tickets.clear(),
  };
}

import type { ClientOptions, HttpClient } from './exchange.ts';
import { nodeClient } from './node-client.ts';

/**
 * Node's own client for what a start asks, since Node has it compiled; undici, which is quicker and takes
 * a third of a start to load, for what follows. It is loaded once a query has been answered, when nobody
 * waits.
 */
export function nodeThenUndici(options: ClientOptions): HttpClient {
  const atStart = nodeClient(options);
  let undici: HttpClient | undefined;
  let isLoading = false;

  async function load(): Promise<void> {
    try {
      const { undiciClient } = await import('./undici-client.ts');
      undici = undiciClient(options);
    } catch (error) {
      // Node's own goes on
      console.error(error);
    }
  }

  return {
    async exchange(url, asked) {
      const exchanged = await (undici ?? atStart).exchange(url, asked);
      if (asked.method === 'GET' && !isLoading) {
        isLoading = true;
        setImmediate(load);
      }
      return exchanged;
    },
    async destroy() {
      await Promise.all([atStart.destroy(), undici?.destroy()]);
    },
  };
}

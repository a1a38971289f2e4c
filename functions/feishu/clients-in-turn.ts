import type { ClientOptions, Exchange, ExchangeOptions, HttpClient } from './exchange.ts';
import { nodeClient } from './node-client.ts';

/**
 * Node's own client for what a start asks, since Node has it compiled; undici, which is quicker and takes
 * a quarter of a start to load, for what follows. It is loaded once a query has been answered well: nothing
 * else is asked in that step. (In Lambda the rest of the loading may have to wait for the next one.)
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

  async function exchangeAtStart(url: string, asked: ExchangeOptions): Promise<Exchange> {
    const exchanged = await atStart.exchange(url, asked);
    const isAnswered = 'body' in exchanged && exchanged.httpStatus < 400;
    if (asked.method === 'GET' && isAnswered && !isLoading) {
      isLoading = true;
      setImmediate(load);
    }
    return exchanged;
  }

  return {
    exchange: (url, asked) => undici?.exchange(url, asked) ?? exchangeAtStart(url, asked),
    async destroy() {
      await Promise.all([atStart.destroy(), undici?.destroy()]);
    },
  };
}

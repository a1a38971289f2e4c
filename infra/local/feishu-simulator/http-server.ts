import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Listens on 127.0.0.1, and says in plain text what a handler throws. */
export async function startHttpServer(handle: Handle, port: number) {
  const server = createServer((request, response) => {
    handle(request, response).catch((error: Error) => {
      if (response.headersSent || response.destroyed) return response.destroy();
      return response.writeHead(500, { 'content-type': 'text/plain' }).end(`simulator: ${error}`);
    });
  });
  // Node's 5 s would end most connections between two queries, and hide what a reused one does
  server.keepAliveTimeout = 60_000;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;

  function close(): Promise<void> {
    return new Promise((resolve) => {
      // the second time it reports an error, which says no more than that it is closed
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  return { url: `http://${address.address}:${address.port}`, close };
}

import type { ServerResponse } from 'node:http';

/**
 * `drop`: reset before any byte. `dropMidBody`: reset in the middle of the body. `endlessBody`:
 * some 10 MB/s for ever. `slowBody`: a byte each 20 ms for ever, so that no pause is long.
 * `silence`: the request is read and never answered.
 */
export type Fault = 'drop' | 'dropMidBody' | 'endlessBody' | 'slowBody' | 'silence';

const bodyStart = '{"code":0,"msg":"success';

export function commitFault(response: ServerResponse, fault: Fault): void {
  switch (fault) {
    case 'drop':
      response.socket?.resetAndDestroy();
      return;
    case 'dropMidBody':
      writeHead(response, { 'content-length': 2 * bodyStart.length });
      response.write(bodyStart, () => response.socket?.resetAndDestroy());
      return;
    case 'endlessBody':
      writeForEver(response, 'x'.repeat(65_536), 5);
      return;
    case 'slowBody':
      writeForEver(response, 'x', 20);
      return;
    case 'silence':
      return;
  }
}

function writeForEver(response: ServerResponse, chunk: string, everyMs: number): void {
  writeHead(response, {});
  response.write(bodyStart);
  const timer = setInterval(() => {
    if (!response.writableNeedDrain) response.write(chunk);
  }, everyMs);
  response.once('close', () => clearInterval(timer));
}

function writeHead(response: ServerResponse, headers: Record<string, number>): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', ...headers });
}

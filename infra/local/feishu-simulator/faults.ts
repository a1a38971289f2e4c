import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

/**
 * `drop`: reset before any byte. `dropMidHeaders`, `dropAfterHeaders`, `dropMidBody`: reset there.
 * `endMidBody`: closed there in good order. `gzipBomb`: 20 KB that would unpack to 20 MB.
 * `endlessBody`: some 10 MB/s for ever. `slowBody`: a byte each 20 ms for ever, so that no pause is
 * long. `silence`: the request is read and never answered.
 */
export type Fault =
  | 'drop'
  | 'dropMidHeaders'
  | 'dropAfterHeaders'
  | 'dropMidBody'
  | 'endMidBody'
  | 'gzipBomb'
  | 'endlessBody'
  | 'slowBody'
  | 'silence';

const bodyStart = '{"code":0,"msg":"success';

export function commitFault(response: ServerResponse, fault: Fault): void {
  switch (fault) {
    case 'drop':
      response.socket?.resetAndDestroy();
      return;
    case 'dropMidHeaders':
      response.socket?.write('HTTP/1.1 200 OK\r\ncontent-ty', () => {
        response.socket?.resetAndDestroy();
      });
      return;
    case 'dropAfterHeaders':
      writeHead(response, { 'content-length': 2 * bodyStart.length });
      response.flushHeaders();
      // not at once: a reset overtakes what is still on its way
      setTimeout(() => response.socket?.resetAndDestroy(), 10);
      return;
    case 'dropMidBody':
      writeHead(response, { 'content-length': 2 * bodyStart.length });
      response.write(bodyStart, () => response.socket?.resetAndDestroy());
      return;
    case 'endMidBody':
      writeHead(response, { 'content-length': 2 * bodyStart.length });
      response.write(bodyStart, () => response.socket?.end());
      return;
    case 'gzipBomb':
      writeHead(response, { 'content-encoding': 'gzip' });
      response.end(gzipBomb());
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

let bomb: Buffer | undefined;

function gzipBomb(): Buffer {
  bomb ??= gzipSync(Buffer.alloc(20 * 1024 * 1024, '0'));
  return bomb;
}

function writeForEver(response: ServerResponse, chunk: string, everyMs: number): void {
  writeHead(response, {});
  response.write(bodyStart);
  const timer = setInterval(() => {
    if (!response.writableNeedDrain) response.write(chunk);
  }, everyMs);
  response.once('close', () => clearInterval(timer));
}

function writeHead(response: ServerResponse, headers: OutgoingHttpHeaders): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', ...headers });
}

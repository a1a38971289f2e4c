import { once } from 'node:events';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';

export type RawAnswer = { status: number; headers: Record<string, string>; body: string };

/**
 * Sends bytes as they are, and reads all that is answered until the server hangs up; after
 * `endAfterMs` it says that no more will come. Throws where the answer is no HTTP, or none comes.
 */
export async function exchange(
  url: string,
  bytes: string | Buffer,
  { isHead = false, endAfterMs = 10_000 } = {},
): Promise<RawAnswer[]> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setTimeout(12_000, () => socket.destroy(new Error('The server does not hang up')));
  await once(socket, 'connect');
  socket.write(bytes);
  const ending = setTimeout(() => socket.end(), endAfterMs);
  try {
    return answersIn(await buffer(socket), isHead);
  } finally {
    clearTimeout(ending);
  }
}

function answersIn(bytes: Buffer, isHead: boolean): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    const [start = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n');
    const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(end < 0 ? '' : start) ?? [];
    if (!status) throw new Error(`No answer in HTTP: ${JSON.stringify(rest.toString('latin1'))}`);
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 2),
      ]),
    );
    const hasBody = !isHead && status !== '100';
    const [body, after] = hasBody ? read(headers, rest, end + 4) : ['', rest.subarray(end + 4)];
    if (status !== '100') answers.push({ status: Number(status), headers, body });
    rest = after;
  }
  return answers;
}

/** The body that begins somewhere, and what comes after it. */
function read(
  headers: Record<string, string>,
  bytes: Buffer,
  from: number,
): [body: string, after: Buffer] {
  if (headers['transfer-encoding'] === 'chunked') return readChunks(bytes.subarray(from));
  const length = headers['content-length'];
  const until = length === undefined ? bytes.length : from + Number(length);
  return [bytes.toString('utf8', from, until), bytes.subarray(until)];
}

function readChunks(bytes: Buffer): [body: string, after: Buffer] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16);
    if (end < 0 || Number.isNaN(size)) throw new Error('A chunk of the answer has no size');
    at = end + 2 + size + 2;
    if (size === 0) return [Buffer.concat(chunks).toString(), bytes.subarray(at)];
    chunks.push(bytes.subarray(end + 2, end + 2 + size));
  }
}

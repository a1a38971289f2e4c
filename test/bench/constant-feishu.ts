import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { loopbackCertificate } from './loopback-certificate.ts';

// A Feishu (and a Secrets Manager) in a process of its own that says the same whatever it is asked.
// It speaks just enough HTTP to be quicker than any client: what is measured is the client.

const answers = {
  token: {
    code: 0,
    msg: 'ok',
    tenant_access_token: 't-g1044qeGEDXTB6NDJOGV4JQCYDGHRBARFTGT1234',
    expire: 7200,
  },
  query: {
    code: 0,
    msg: 'success',
    data: {
      result: {
        ticket: '7369583175086912356',
        type: 'sheet',
        job_status: 2,
        job_error_msg: 'processing',
        token: '',
        url: '',
        extra: [],
      },
    },
  },
  secret: {
    Name: 'bench/default',
    SecretString: JSON.stringify({ kind: 'custom', app_id: 'cli_bench', app_secret: 'secret' }),
  },
};

const said = {
  token: inHttp(answers.token),
  query: inHttp(answers.query),
  secret: inHttp(answers.secret),
};

const { key, cert } = loopbackCertificate();
const [port, tlsPort] = await Promise.all([
  listen(createServer({ noDelay: true }, answerEach)),
  listen(createTlsServer({ key, cert, noDelay: true }, answerEach)),
]);
process.on('disconnect', () => process.exit());
// a machine that has fallen asleep takes longer to wake up than a query takes
if (process.argv[2] === 'awake') stayAwake();

process.send?.({ url: `http://127.0.0.1:${port}`, tlsUrl: `https://127.0.0.1:${tlsPort}`, cert });

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function stayAwake(): void {
  setImmediate(stayAwake);
}

function inHttp(answer: object): string {
  const body = JSON.stringify(answer);
  return [
    'HTTP/1.1 200 OK',
    'content-type: application/json; charset=utf-8',
    'x-tt-logid: 202611221500000A1B2C3D4E5F60718293',
    `content-length: ${Buffer.byteLength(body)}`,
    `\r\n${body}`,
  ].join('\r\n');
}

function answerEach(socket: Socket): void {
  let heard = '';
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    heard += bytes.toString('latin1');
    const end = heard.indexOf('\r\n\r\n');
    if (end < 0 || heard.length < end + 4 + bodyLength(heard.slice(0, end))) return;
    socket.write(answerTo(heard));
    // none of the clients sends a request before it has the answer to the last
    heard = '';
  });
}

function bodyLength(head: string): number {
  return Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
}

function answerTo(request: string): string {
  if (request.startsWith('GET ')) return said.query;
  return request.startsWith('POST /open-apis/') ? said.token : said.secret;
}

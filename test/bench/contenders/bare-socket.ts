import { once } from 'node:events';
import { connect } from 'node:net';

const { hostname, port } = new URL(process.env.FEISHU_BASE_URL ?? '');
const request = Buffer.from(
  'GET /open-apis/drive/v1/import_tasks/7369583175086912356 HTTP/1.1\r\nhost: feishu\r\n\r\n',
);
const idle: ReturnType<typeof connect>[] = [];

/** Bytes there and back, of which nothing is made: how quick the server is. */
export const handler = async () => {
  const socket = idle.pop() ?? connect({ host: hostname, port: Number(port), noDelay: true });
  socket.write(request);
  await once(socket, 'data');
  idle.push(socket);
};

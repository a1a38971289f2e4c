// The runtime posts its answers through a native addon, which is built at its installation. This one,
// loaded with --import, does the same with Node's own client.
import { request } from 'node:http';
import Module from 'node:module';

const [host, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split(':');

function post(path, body) {
  request({ host, port, method: 'POST', path: `/2018-06-01/runtime/invocation/${path}` }).end(body);
}

const nativeClient = {
  initializeClient() {},
  done: (id, body) => post(`${id}/response`, body),
  error: (id, body) => post(`${id}/error`, body),
};

const load = Module._load;
Module._load = (name, ...rest) =>
  name === './rapid-client.node' ? nativeClient : load(name, ...rest);

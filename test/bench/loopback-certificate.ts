import { generateKeyPairSync, sign } from 'node:crypto';

/** A key and a certificate for 127.0.0.1 that nobody has signed but itself, good for a day. */
export function loopbackCertificate(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signedContent = sequence(
    der(0xa0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    name,
    sequence(time(Date.now() - hourMs), time(Date.now() + 24 * hourMs)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension('551d11', sequence(der(0x87, Buffer.from([127, 0, 0, 1])))))),
  );
  const signature = sign('sha256', signedContent, privateKey);
  const certificate = sequence(signedContent, ecdsaWithSha256, bits(signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
  };
}

const hourMs = 3_600_000;
const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'));
const commonName = sequence(objectId('550403'), der(0x0c, Buffer.from('127.0.0.1')));
const name = sequence(der(0x31, commonName));

/** A value in X.509's encoding: its tag, its length, itself. */
function der(tag: number, ...values: Buffer[]): Buffer {
  const value = Buffer.concat(values);
  const length =
    value.length < 128 ? [value.length] : [0x82, value.length >> 8, value.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}

function sequence(...values: Buffer[]): Buffer {
  return der(0x30, ...values);
}

function integer(value: number): Buffer {
  return der(0x02, Buffer.from([value]));
}

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function bits(value: Buffer): Buffer {
  return der(0x03, Buffer.from([0]), value);
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(objectId(id), der(0x04, value));
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

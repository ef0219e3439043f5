import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** One DER element: its tag, its length, its content. */
const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const size: number[] = [];
  for (let left = body.length; left > 0; left >>= 8) size.unshift(left & 0xff);
  const length = body.length < 0x80 ? [body.length] : [0x80 | size.length, ...size];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const hex = (text: string): Buffer => Buffer.from(text, 'hex');

const ECDSA_SHA256 = sequence(hex('06082a8648ce3d040302'));
const COMMON_NAME = hex('0603550403');
const BASIC_CONSTRAINTS = hex('0603551d13');
const ALTERNATIVE_NAME = hex('0603551d11');
const LOOPBACK = der(0x87, Buffer.from([127, 0, 0, 1]));

const nameOf = (name: string): Buffer =>
  sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(name)))));
const utc = (time: Date): Buffer =>
  der(
    0x17,
    Buffer.from(
      `${time
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2, -1)}Z`,
    ),
  );
const pem = (bytes: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;

export interface Certified {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;
let serial = 0;

const certificate = (
  subject: string,
  {
    issuer,
    signer,
    publicKey,
    extension,
    end,
  }: {
    readonly issuer: string;
    readonly signer: KeyObject;
    readonly publicKey: KeyObject;
    readonly extension: Buffer;
    readonly end: Date;
  },
): string => {
  serial += 1;
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([0x40, serial >> 8, serial & 0xff])),
    ECDSA_SHA256,
    nameOf(issuer),
    sequence(utc(new Date('2024-01-01T00:00:00Z')), utc(end)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', content, signer)]);
  return pem(sequence(content, ECDSA_SHA256, der(0x03, signature)));
};

/** An authority of a test's own that certifies whom the test says. */
export const authority = (name: string) => {
  const end = new Date(Date.UTC(2049, 0, 1));
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signed = { issuer: name, signer: own.privateKey };
  return {
    key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    ca: certificate(name, {
      ...signed,
      publicKey: own.publicKey,
      extension: sequence(BASIC_CONSTRAINTS, der(0x04, sequence(hex('0101ff')))),
      end,
    }),
    /** A subject at 127.0.0.1. */
    certifies: (subject: string, until = new Date(end.getTime() - DAY_MS)): Certified => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const extension = sequence(ALTERNATIVE_NAME, der(0x04, sequence(LOOPBACK)));
      return {
        cert: certificate(subject, { ...signed, publicKey, extension, end: until }),
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      };
    },
  };
};

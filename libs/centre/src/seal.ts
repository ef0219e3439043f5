import { createHmac, timingSafeEqual } from 'node:crypto';

/** What `signtype` says of `cainfo`. */
export const SIGN_TYPE = 'SM3';

/** `cainfo`: SM3 keyed with the secret, over the exact text of the node, in hex. */
export const sealOf = (secret: string, nodeText: string): string =>
  createHmac('sm3', secret).update(nodeText).digest('hex');

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

export const isSealed = (secret: string, nodeText: string, cainfo: unknown): boolean =>
  typeof cainfo === 'string' && isSame(sealOf(secret, nodeText), cainfo);

export interface GatewayKey {
  /** `_api_access_key`: by which the centre's gateway knows who calls. */
  readonly accessKey: string;
  readonly secret: string;
}

const API_NAME = 'callService';
const API_VERSION = '1.0.0';

type Signed = Readonly<Record<string, string>>;

/** Base64 of HMAC-SHA1 over "k=v&…" of the headers in the natural order of their names. */
const signatureOf = (headers: Signed, secret: string): string => {
  const text = Object.keys(headers)
    .toSorted()
    .map((name) => `${name}=${headers[name]}`)
    .join('&');
  return createHmac('sha1', secret).update(text).digest('base64');
};

/** The headers by which the centre's gateway lets a message in. */
export const gatewayHeaders = ({ accessKey, secret }: GatewayKey, now: Date): Signed => {
  const headers = {
    _api_name: API_NAME,
    _api_version: API_VERSION,
    _api_timestamp: String(now.getTime()),
    _api_access_key: accessKey,
  };
  return { ...headers, _api_signature: signatureOf(headers, secret) };
};

/** Whether the headers of a message are of who has the key. */
export const isLetIn = (
  headers: Readonly<Record<string, unknown>>,
  { accessKey, secret }: GatewayKey,
): boolean => {
  const said = ['_api_name', '_api_version', '_api_timestamp', '_api_access_key'];
  const signed = Object.fromEntries(said.map((name) => [name, String(headers[name])]));
  const signature = headers['_api_signature'];
  return (
    signed['_api_access_key'] === accessKey &&
    typeof signature === 'string' &&
    isSame(signatureOf(signed, secret), signature)
  );
};

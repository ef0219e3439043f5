import { createSign, createVerify, type KeyObject } from 'node:crypto';

/** How old a signed answer may be: what was overheard is not sent again. */
export const AGE_MAX_MS = 5 * 60_000;

export interface Merchant {
  readonly merchantId: string;
  /** Of the certificate whose private key signs, in hex. */
  readonly serial: string;
  readonly privateKey: KeyObject;
}

/** SHA-256 with RSA over lines that end with a line feed each, in Base64. */
export const signed = (key: KeyObject, ...lines: readonly string[]): string =>
  createSign('RSA-SHA256')
    .update(`${lines.join('\n')}\n`)
    .sign(key, 'base64');

export const isSignedBy = (
  key: KeyObject,
  signature: string,
  ...lines: readonly string[]
): boolean =>
  createVerify('RSA-SHA256')
    .update(`${lines.join('\n')}\n`)
    .verify(key, Buffer.from(signature, 'base64'));

/** The value of `Authorization` for a request; `path` with its query. */
export const authorization = (
  { merchantId, serial, privateKey }: Merchant,
  request: { readonly method: string; readonly path: string; readonly body: string },
  { nonce, now }: { readonly nonce: string; readonly now: Date },
): string => {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signature = signed(
    privateKey,
    request.method,
    request.path,
    timestamp,
    nonce,
    request.body,
  );
  const fields = { mchid: merchantId, nonce_str: nonce, signature, timestamp, serial_no: serial };
  const listed = Object.entries(fields).map(([name, value]) => `${name}="${value}"`);
  return `WECHATPAY2-SHA256-RSA2048 ${listed.join(',')}`;
};

/** Whether an answer, or what they push, is theirs and fresh. */
export const isTheirs = (
  keys: ReadonlyMap<string, KeyObject>,
  headers: Pick<Headers, 'get'>,
  body: string,
  now: Date,
): boolean => {
  const [serial, timestamp, nonce, signature] = [
    ...(['serial', 'timestamp', 'nonce', 'signature'] as const),
  ].map((name) => headers.get(`wechatpay-${name}`) ?? '');
  const key = keys.get(serial!);
  if (!key || !/^\d{1,12}$/.test(timestamp!)) return false;
  if (Math.abs(now.getTime() - Number(timestamp) * 1000) > AGE_MAX_MS) return false;
  return isSignedBy(key, signature!, timestamp!, nonce!, body);
};

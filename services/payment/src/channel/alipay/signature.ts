import { createSign, createVerify, type KeyObject } from 'node:crypto';

type Fields = Readonly<Record<string, string>>;

/** What is signed of a request: its fields by name, without the signature and without empty ones. */
const textOf = (fields: Fields): string =>
  Object.keys(fields)
    .filter((name) => name !== 'sign' && fields[name] !== '')
    .sort()
    .map((name) => `${name}=${fields[name]!}`)
    .join('&');

/** RSA2: SHA-256 with RSA, in Base64. */
export const signed = (key: KeyObject, fields: Fields): string =>
  createSign('RSA-SHA256').update(textOf(fields)).sign(key, 'base64');

/** Where a member of an answer begins and ends in its text; undefined where there is none. */
const memberIn = (text: string, name: string): string | undefined => {
  const at = text.indexOf(`"${name}":{`);
  if (at === -1) return undefined;
  const from = text.indexOf('{', at);
  let depth = 0;
  let isText = false;
  for (let index = from; index < text.length; index++) {
    const sign = text[index];
    if (isText) {
      if (sign === '\\') index += 1;
      else if (sign === '"') isText = false;
    } else if (sign === '"') isText = true;
    else if (sign === '{') depth += 1;
    else if (sign === '}' && --depth === 0) return text.slice(from, index + 1);
  }
  return undefined;
};

/**
 * The member of an answer that belongs to a method, where it is theirs: they sign its text, not its
 * value. Undefined: it is not there, or not signed by one of their keys.
 */
export const theirs = (keys: readonly KeyObject[], text: string, name: string): unknown => {
  const member = memberIn(text, name);
  const [, signature] = /"sign":"([A-Za-z0-9+/=]+)"/.exec(text.replace(member ?? '', '')) ?? [];
  if (member === undefined || signature === undefined) return undefined;
  const isTheirs = keys.some((key) =>
    createVerify('RSA-SHA256').update(member).verify(key, Buffer.from(signature, 'base64')),
  );
  return isTheirs ? JSON.parse(member) : undefined;
};

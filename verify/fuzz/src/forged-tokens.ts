import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { SigningKey } from '@caretab/bus';
import fc from 'fast-check';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const { x } = publicKey.export({ format: 'jwk' });

/** How a token is signed that its issuer never signed. */
const SIGNERS: Readonly<Record<string, (text: string) => string>> = {
  none: () => '',
  EdDSA: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
  HS256: (text) => createHmac('sha256', x!).update(text).digest('base64url'),
  RS256: () => Buffer.alloc(256, 7).toString('base64url'),
  XX: () => 'x',
};

/** Gives the true keys of the platform's services. */
type KeyOf = (author: string) => SigningKey;
interface Parts {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly key: KeyObject;
}

/** What is wrong with a service's token that is sound in all else. */
const FLAWS: Readonly<Record<string, (sound: Parts, keyOf: KeyOf) => Partial<Parts>>> = {
  'a key of no one': () => ({ key: privateKey }),
  'another service’s key': (_, keyOf) => ({ key: keyOf('service/credit').key }),
  'the key for messages, under its own name': ({ header }, keyOf) => {
    const { kid, key } = keyOf('notification');
    return { header: { ...header, kid }, key };
  },
  'another service’s name': ({ claims }) => ({
    claims: { ...claims, iss: 'service/gateway', sub: 'service/gateway' },
  }),
  'a foreign audience': ({ claims }) => ({ claims: { ...claims, aud: 'elsewhere' } }),
  'long ago': ({ claims }) => ({ claims: { ...claims, iat: 1000, exp: 1060 } }),
  'a whole day': ({ claims }) => ({
    claims: { ...claims, exp: (claims['iat'] as number) + 86_400 },
  }),
  'no algorithm': ({ header }) => ({ header: { ...header, alg: 'none' } }),
  'another algorithm': ({ header }) => ({ header: { ...header, alg: 'HS256' } }),
  'an administrator, and not who asks in its place': ({ claims }) => ({
    claims: { ...claims, sub: 'chen', roles: [{ kind: 'SecurityAdmin' }] },
  }),
  'itself, in another service’s place': ({ claims }) => ({
    claims: {
      ...{ ...claims, sub: 'service/identity', act: { sub: claims['iss'] } },
      roles: [{ kind: 'Service', service: 'identity' }],
    },
  }),
  // Sound, and denied: an administrator asks through no service but for what carried.cedar says.
  'an administrator’s place': ({ claims }) => ({
    claims: {
      ...{ ...claims, sub: 'chen', act: { sub: claims['iss'] } },
      roles: [{ kind: 'SecurityAdmin' }],
    },
  }),
};

/** Tokens of services, by their true keys too, each with one flaw. */
const forgedServiceTokens = (keyOf: KeyOf): fc.Arbitrary<string> =>
  fc.constantFrom(...Object.keys(FLAWS)).map((flaw) => {
    const { kid, author, key } = keyOf('service/notification');
    const iat = Date.now() / 1000;
    const sound = {
      header: { typ: 'service+jwt', alg: 'EdDSA', kid },
      claims: { iss: author, aud: 'identity', sub: author, iat, exp: iat + 60 },
      key,
    };
    const { header, claims, key: by } = { ...sound, ...FLAWS[flaw]!(sound, keyOf) };
    const text = `${part(header)}.${part(claims)}`;
    return `Bearer ${text}.${sign(null, Buffer.from(text), by).toString('base64url')}`;
  });

/** Tokens that no one signed who may, for a platform at this address. */
export const forgedTokens = (url: string, keyOf: KeyOf): fc.Arbitrary<string> =>
  fc.oneof(ofIssuer(url), forgedServiceTokens(keyOf));

/** Tokens of every office that no issuer signed. */
const ofIssuer = (url: string): fc.Arbitrary<string> =>
  fc
    .record({
      alg: fc.constantFrom(...Object.keys(SIGNERS)),
      typ: fc.constantFrom('at+jwt', 'JWT', undefined),
      kid: fc.constantFrom('first', '', undefined, '../../etc'),
      jwk: fc.constantFrom(undefined, { kty: 'OKP', crv: 'Ed25519', x }),
      iss: fc.constantFrom(`${url}/identity`, 'service:gateway', 'https://evil.example', 7),
      kind: fc.constantFrom('SystemAdmin', 'SecurityAdmin', 'Finance', 'Service', 'Root'),
      lifetimeS: fc.constantFrom(300, -300, 1e12),
    })
    .map(({ alg, typ, kid, jwk, iss, kind, lifetimeS }) => {
      const iat = Math.floor(performance.timeOrigin / 1000);
      const claims = {
        ...{ iss, aud: 'caretab', sub: 'operator', client_id: 'operator', jti: 'forged' },
        ...{ iat, exp: iat + lifetimeS, roles: [{ kind, service: 'gateway' }] },
      };
      const text = `${part({ alg, typ, kid, jwk })}.${part(claims)}`;
      return `Bearer ${text}.${SIGNERS[alg]!(text)}`;
    });

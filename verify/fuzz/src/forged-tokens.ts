import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
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

/** Tokens of every office that no issuer signed, for a platform at this address. */
export const forgedTokens = (url: string): fc.Arbitrary<string> =>
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

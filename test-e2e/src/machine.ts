import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { World } from './world';

export const part = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');
export const jwt = (header: object, claims: object, key: KeyObject): string => {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
};

/** A program that signs in with a key of its own. */
export interface Machine {
  /** As any OAuth 2.0 client asks: by a form, with an assertion of its own. */
  token(): Promise<{ readonly status: number; readonly body: any }>;
  readonly privateKey: KeyObject;
}

/** Registers one with these roles. */
export const machine = async (
  world: World,
  subjectId: string,
  roles: readonly object[],
): Promise<Machine> => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x } = publicKey.export({ format: 'jwk' });
  await world.api.doneByTwo('PUT', `/identity/subjects/${subjectId}`, {
    roles,
    publicKeys: [{ kty: 'OKP', crv: 'Ed25519', x }],
  });
  const thumbprint = JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x });
  const kid = createHash('sha256').update(thumbprint).digest('base64url');
  const issuer = `${world.address.serviceUrls?.['identity'] ?? world.address.url}/identity`;
  const token: Machine['token'] = async () => {
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: subjectId, sub: subjectId, aud: issuer, iat, exp: iat + 60 };
    const answer = await fetch(`${issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: jwt({ alg: 'EdDSA', kid }, { ...claims, jti: randomUUID() }, privateKey),
      }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  return { token, privateKey };
};

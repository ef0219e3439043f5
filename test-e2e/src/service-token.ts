import { createPrivateKey, sign } from 'node:crypto';

const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * What a service sends to another to say who it is, signed with its own key as the platform's folder
 * keeps it (BUS_SIGNING_KEYS); `institution`: in whose place it asks.
 */
export const serviceToken = (
  signingKeys: string,
  {
    service,
    asked,
    institution,
  }: { readonly service: string; readonly asked: string; readonly institution?: string },
): string => {
  const keys = JSON.parse(signingKeys) as Record<string, { kid: string; key: string }>;
  const iss = `service/${service}`;
  const { kid, key } = keys[iss]!;
  const iat = Date.now() / 1000;
  const claims = {
    ...{ iss, aud: asked, sub: iss, iat, exp: iat + 60 },
    ...(institution !== undefined && {
      sub: `hospital/${institution}`,
      roles: [{ kind: 'HospitalSystem', institution }],
      act: { sub: iss },
    }),
  };
  const text = `${base64({ typ: 'service+jwt', alg: 'EdDSA', kid })}.${base64(claims)}`;
  const der = Buffer.concat([PKCS8_ED25519, Buffer.from(key, 'base64')]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`;
};

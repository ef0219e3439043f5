import { type KeyObject, sign, verify } from 'node:crypto';
import { type Role, type Subject } from './subject';
import { roleFault } from './token';

/** A service's name among those who sign: `service/gateway`. As such it is author of no topic. */
export const SERVICE = 'service/';
/** Its own type, so that no token of an issuer passes as a service's, nor the other way round. */
const TYPE = 'service+jwt';
/** A token that is stolen on its way works for so long, at the one service that it is for. */
export const SERVICE_TOKEN_MS = 60_000;

/** By what a service signs whom it asks as. */
export interface ServiceKey {
  readonly kid: string;
  /** `service/<name>`. */
  readonly author: string;
  readonly key: KeyObject;
}

export interface ServiceTokenContent {
  /** The name of the service that is asked. */
  readonly audience: string;
  /** In whose place the service asks; absent: for itself. */
  readonly carried?: Subject | undefined;
  readonly issuedAtMs: number;
}

/** What a token says; nothing of it is verified. */
export interface ServiceClaims {
  readonly kid: string;
  readonly author: string;
  readonly audience: string;
  readonly subject: Subject;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
/** The one header that there is for a key: no algorithm is read from a token. */
const headerOf = (kid: string): string => base64({ typ: TYPE, alg: 'EdDSA', kid });
const MS_PER_S = 1000;

/** A compact JWS (RFC 7515, RFC 8037) by Ed25519. About 50 µs. */
export const signServiceToken = (
  { kid, author, key }: ServiceKey,
  { audience, carried, issuedAtMs }: ServiceTokenContent,
): string => {
  const claims = {
    iss: author,
    aud: audience,
    sub: carried?.id ?? author,
    // RFC 8693, 4.1: who asks in the subject's place.
    ...(carried && { act: { sub: author }, roles: carried.roles }),
    ...(carried?.hasSecondFactor && { acr: 'mfa' }),
    iat: issuedAtMs / MS_PER_S,
    exp: (issuedAtMs + SERVICE_TOKEN_MS) / MS_PER_S,
  };
  const text = `${headerOf(kid)}.${base64(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
};

/** Whether it is one of a service by its type; anything else of it may be wrong. */
const kidOf = (header: string): string | undefined => {
  const { typ, kid } = objectIn(header) ?? {};
  return typ === TYPE && typeof kid === 'string' ? kid : undefined;
};

const objectIn = (part: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Reads a token. Undefined: it is of another type, and others may know it. `unreadable`: it says that it
 * is a service's, and is not as a service writes it.
 */
export const readServiceToken = (token: string): ServiceClaims | 'unreadable' | undefined => {
  const [header = '', payload = ''] = token.split('.');
  const kid = kidOf(header);
  if (kid === undefined) return undefined;
  const { iss, aud, sub, act, roles, acr, iat, exp } = objectIn(payload) ?? {};
  const isCarried = act !== undefined;
  const isSound =
    header === headerOf(kid) &&
    [iss, aud, sub].every((claim) => typeof claim === 'string') &&
    [iat, exp].every((claim) => typeof claim === 'number') &&
    (isCarried
      ? (act as { sub?: unknown } | null)?.sub === iss && areCarried(roles)
      : sub === iss && roles === undefined);
  if (!isSound) return 'unreadable';
  const author = iss as string;
  const service = author.slice(SERVICE.length);
  return {
    ...{ kid, author, audience: aud as string },
    issuedAtMs: (iat as number) * MS_PER_S,
    expiresAtMs: (exp as number) * MS_PER_S,
    subject: isCarried
      ? { id: sub as string, roles, hasSecondFactor: acr === 'mfa', through: service }
      : { id: author, roles: [{ kind: 'Service', service }], hasSecondFactor: false },
  } as ServiceClaims;
};

/** No service asks in another's place. */
const areCarried = (roles: unknown): roles is readonly Role[] =>
  Array.isArray(roles) &&
  roles.every((role) => roleFault(role) === undefined && (role as Role).kind !== 'Service');

/** About 130 µs. */
export const isSignedBy = (token: string, key: KeyObject): boolean => {
  const end = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  return verify(null, Buffer.from(token.slice(0, end)), key, signature);
};

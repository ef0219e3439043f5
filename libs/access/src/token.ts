import { REGION } from '@caretab/contracts';
import { type JWTPayload, SignJWT } from 'jose';
import {
  ATTRIBUTES_OF,
  kindsHeldTogether,
  type Role,
  type Subject,
  SUBJECT_KINDS,
  type SubjectKind,
} from './subject';
import { narrowingIn } from './key-scopes';
import type { SigningKey } from './signing-key';

/** The audience of a token for every service of the platform. */
export const PLATFORM = 'caretab';
/** RFC 9068. */
export const TOKEN_TYPE = 'at+jwt';

/** What a token says beside who signed it and when. */
export interface TokenContent {
  readonly issuer: string;
  /** PLATFORM, or the name of one service. */
  readonly audience: string;
  readonly subject: string;
  readonly clientId: string;
  readonly roles: readonly Role[];
  readonly tokenId: string;
  /** How it signed in (RFC 8176): `pwd`, `otp`, `mfa`, `swk`. */
  readonly amr?: readonly string[];
  /** Actions that it is for, where it is not for all that its roles may do. */
  readonly scope?: readonly string[];
  /** Who asks in the subject's place (RFC 8693, 4.1). */
  readonly actor?: string;
}

/** A signed access token. */
export const signToken = (
  { kid, privateJwk }: SigningKey,
  content: TokenContent,
  { now, lifetimeS }: { readonly now: Date; readonly lifetimeS: number },
): Promise<string> => {
  // With milliseconds: what is void of before a moment is not confused with what came after.
  const issuedAt = now.getTime() / 1000;
  const { roles, amr, scope, actor } = content;
  return new SignJWT({
    client_id: content.clientId,
    roles,
    ...(amr && { amr }),
    ...(amr?.includes('mfa') && { acr: 'mfa' }),
    ...(scope && { scope: scope.join(' ') }),
    ...(actor !== undefined && { act: { sub: actor } }),
  })
    .setProtectedHeader({ alg: 'EdDSA', typ: TOKEN_TYPE, kid })
    .setIssuer(content.issuer)
    .setSubject(content.subject)
    .setAudience(content.audience)
    .setJti(content.tokenId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetimeS)
    .sign(privateJwk);
};

const isRegion = (value: unknown): boolean => typeof value === 'string' && REGION.test(value);

/** Why a value is no role; undefined where it is one. */
export const roleFault = (value: unknown): string | undefined => {
  const { kind, ...attributes } = (value ?? {}) as Record<string, unknown>;
  if (!(SUBJECT_KINDS as readonly unknown[]).includes(kind)) return 'there is no such kind';
  const known: readonly string[] = ATTRIBUTES_OF[kind as SubjectKind];
  if (attributes['region'] !== undefined && !isRegion(attributes['region']))
    return 'a region has the 2, 4 or 6 digits of GB/T 2260';
  return Object.entries(attributes).every(
    ([name, attribute]) =>
      // An empty one is no one’s, and would be taken for anyone’s.
      known.includes(name) && typeof attribute === 'string' && attribute !== '',
  )
    ? undefined
    : `of ${kind as string} only ${known.join(', ') || 'no attributes'} are said, as texts that are not empty`;
};

const isSecond = (method: unknown): boolean =>
  typeof method === 'string' && ['mfa', 'otp', 'hwk'].includes(method);

/**
 * A token of a person is given to a client; a client that asks for itself is its own subject (RFC 9068,
 * 2.2). Where an issuer says it otherwise, a machine counts as a person without a second factor.
 */
const isMachine = ({ sub, client_id: clientId }: JWTPayload): boolean => sub === clientId;

/**
 * Whose token it is; undefined where its roles are not what they should be, or are kept apart from
 * each other, by whatever issuer.
 */
export const subjectIn = (claims: JWTPayload): Subject | undefined => {
  const { sub, roles, amr, acr } = claims;
  const scope = narrowingIn(claims['scope']);
  if (sub === undefined || !Array.isArray(roles) || roles.some(roleFault)) return undefined;
  if (kindsHeldTogether(roles as readonly Role[]).length > 0) return undefined;
  return {
    id: sub,
    roles: roles as readonly Role[],
    hasSecondFactor: acr === 'mfa' || (Array.isArray(amr) && amr.some(isSecond)),
    ...(isMachine(claims) && { by: 'machine' }),
    ...(scope && { scope }),
  };
};

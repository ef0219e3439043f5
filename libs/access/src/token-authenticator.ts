import { type Clock, DomainError } from '@caretab/kernel';
import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Authenticator, Credentials } from './authenticator';
import type { Subject } from './subject';
import { TOKEN_TYPE } from './token';

/** One that signs tokens which are believed here. */
export interface TrustedIssuer {
  readonly issuer: string;
  /** A token must be for one of these. */
  readonly audiences: readonly string[];
  readonly keys: JWTVerifyGetKey;
  /** Whose token it is; undefined where this issuer may not sign that. */
  subjectIn(claims: JWTPayload): Subject | undefined;
  /** Tokens of a subject or client that were issued before are void, though they have not expired. */
  voidBefore(id: string): Date | undefined;
}

/** Public keys alone: with HMAC the public key would be the secret. */
const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'PS256', 'RS256'];
/** Longer than any token lives, however long its issuer says: so long a leaked one works at most. */
const TOKEN_AGE_MAX_S = 15 * 60;
const CLOCK_TOLERANCE_S = 5;
const REMEMBERED_MAX = 10_000;
const TOKEN_LENGTH_MAX = 8_000;
const JWT = /^Bearer ([\w-]+\.[\w-]+\.[\w-]*)$/i;

interface Known {
  readonly by: TrustedIssuer;
  readonly subject: Subject;
  /** By what it got the token, where that can end by itself. */
  readonly clientId: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/**
 * Whose signed token a caller sent. A token is verified once, and then looked up until it expires or
 * is revoked: only the first answer is a promise.
 */
export class TokenAuthenticator implements Authenticator {
  private readonly known = new Map<string, Known>();
  private readonly issuers: ReadonlyMap<string, TrustedIssuer>;

  constructor(
    private readonly parts: {
      readonly issuers: readonly TrustedIssuer[];
      /** The machine's, as that of the one who signs. */
      readonly clock: Clock;
    },
  ) {
    this.issuers = new Map(parts.issuers.map((each) => [each.issuer, each]));
  }

  subjectOf({ authorization }: Credentials): Subject | undefined | Promise<Subject> {
    if (authorization === undefined || authorization.length > TOKEN_LENGTH_MAX) return undefined;
    const known = this.known.get(authorization);
    if (known) return this.stillGood(known);
    const token = JWT.exec(authorization)?.[1];
    return token === undefined ? undefined : this.verified(authorization, token);
  }

  private stillGood({ by, subject, clientId, issuedAtMs, expiresAtMs }: Known): Subject {
    if (this.parts.clock.now().getTime() >= expiresAtMs) throw refused('it has expired');
    for (const id of [subject.id, clientId]) {
      const voidBefore = by.voidBefore(id);
      if (voidBefore && issuedAtMs < voidBefore.getTime()) throw refused('it was revoked');
    }
    return subject;
  }

  private async verified(authorization: string, token: string): Promise<Subject> {
    const claims = await this.claimsOf(token);
    const by = this.issuers.get(claims.iss!)!;
    const subject = by.subjectIn(claims);
    if (!subject) throw refused('its issuer may not sign what it says');
    const known = {
      ...{ by, subject, clientId: String(claims['client_id']) },
      issuedAtMs: Math.round(claims.iat! * 1000),
      expiresAtMs: Math.min(claims.exp!, claims.iat! + TOKEN_AGE_MAX_S) * 1000,
    };
    this.stillGood(known);
    this.remember(authorization, known);
    return subject;
  }

  private async claimsOf(token: string): Promise<JWTPayload> {
    try {
      const trusted = this.issuers.get(decodeJwt(token).iss ?? '');
      if (!trusted) throw refused('its issuer is not trusted here');
      const { payload } = await jwtVerify(token, trusted.keys, {
        issuer: trusted.issuer,
        audience: [...trusted.audiences],
        typ: TOKEN_TYPE,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'iat', 'sub', 'jti', 'client_id'],
        maxTokenAge: TOKEN_AGE_MAX_S,
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: this.parts.clock.now(),
      });
      return payload;
    } catch (error) {
      if (error instanceof DomainError) throw error;
      throw isAway(error) ? away() : refused(whyOf(error));
    }
  }

  /** The oldest give way: a flood of tokens costs verifications, not memory. */
  private remember(authorization: string, known: Known): void {
    if (this.known.size >= REMEMBERED_MAX) {
      const [oldest] = this.known.keys();
      this.known.delete(oldest!);
    }
    this.known.set(authorization, known);
  }
}

const refused = (why: string): DomainError =>
  new DomainError('UNAUTHENTICATED', 'unauthenticated', {
    field: 'Authorization',
    why: `the token is not believed: ${why}`,
    remedy: 'ask the issuer for a token',
  });

const away = (): DomainError =>
  new DomainError('ISSUER_UNAVAILABLE', 'unavailable', {
    why: 'the keys of the issuer of tokens cannot be read',
    remedy: 'try again later',
  });

/** The keys could not be fetched; a token says nothing about that. */
const isAway = (error: unknown): boolean =>
  !(error instanceof errors.JOSEError) ||
  error instanceof errors.JWKSTimeout ||
  error.code === 'ERR_JOSE_GENERIC';

/** Never what the token holds. */
const whyOf = (error: unknown): string => {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `its ${error.claim} does not fit`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature is wrong';
  if (error instanceof errors.JWKSNoMatchingKey) return 'its key is not known';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its algorithm is not allowed';
  return 'it cannot be read';
};

import type { KeyObject } from 'node:crypto';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Authenticator, Credentials } from './authenticator';
import {
  isSignedBy,
  readServiceToken,
  SERVICE,
  SERVICE_TOKEN_MS,
  type ServiceClaims,
} from './service-token';
import type { Subject } from './subject';

/** By what a service's token is verified. */
export interface VerifyingKey {
  readonly author: string;
  readonly key: KeyObject;
  /** By the clock of who verifies. */
  readonly from?: Date | undefined;
  readonly until?: Date | undefined;
}

/** So far may the clocks of two services differ. */
const CLOCK_TOLERANCE_MS = 30_000;
const REMEMBERED_MAX = 10_000;
const TOKEN_LENGTH_MAX = 8_000;
const JWT = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/;

/**
 * Services, by tokens that each signs itself: no issuer is asked. A token is verified once and then looked
 * up; it never waits.
 */
export class ServiceAuthenticator implements Authenticator {
  /** With the key that each was verified by: once that is another, the token is verified again. */
  private readonly verified = new Map<string, Verified>();

  constructor(
    private readonly parts: {
      readonly keys: { of(kid: string): VerifyingKey | undefined };
      /** The services of this process: tokens are for one of them. */
      readonly audiences: readonly string[];
      /** The machine's, as that of who signs. */
      readonly clock: Clock;
    },
  ) {}

  subjectOf({ authorization = '' }: Credentials): Subject | undefined {
    const known = this.verified.get(authorization);
    if (known && this.keyOf(known.claims) === known.key) return known.claims.subject;
    if (authorization.length > TOKEN_LENGTH_MAX) return undefined;
    const token = JWT.exec(authorization)?.[1];
    const claims = token === undefined ? undefined : readServiceToken(token);
    if (claims === undefined) return undefined;
    if (claims === 'unreadable') throw refused('it cannot be read');
    const key = this.verify(token!, claims);
    if (this.verified.size >= REMEMBERED_MAX)
      this.verified.delete(this.verified.keys().next().value!);
    this.verified.set(authorization, { claims, key });
    return claims.subject;
  }

  private verify(token: string, claims: ServiceClaims): KeyObject {
    const key = this.keyOf(claims);
    const { audience, issuedAtMs, expiresAtMs } = claims;
    if (expiresAtMs - issuedAtMs > SERVICE_TOKEN_MS) throw refused('it lives too long');
    if (!this.parts.audiences.includes(audience)) throw refused('it is for another service');
    if (!isSignedBy(token, key)) throw refused('its signature is wrong');
    return key;
  }

  /** The key of its author; one that ends takes its tokens with it. */
  private keyOf({ kid, author, issuedAtMs, expiresAtMs }: ServiceClaims): KeyObject {
    const now = this.parts.clock.now();
    const nowMs = now.getTime();
    if (nowMs >= expiresAtMs + CLOCK_TOLERANCE_MS) throw refused('it has expired');
    if (nowMs < issuedAtMs - CLOCK_TOLERANCE_MS) throw refused('it is of a later time');
    const key = this.parts.keys.of(kid);
    if (!key?.author.startsWith(SERVICE)) throw refused('its key is none of a service');
    if (key.author !== author) throw refused('its key is another’s');
    if ((key.from && now < key.from) || (key.until && now >= key.until))
      throw refused('its key does not count now');
    return key.key;
  }
}

interface Verified {
  readonly claims: ServiceClaims;
  readonly key: KeyObject;
}

const refused = (why: string): DomainError =>
  new DomainError('UNAUTHENTICATED', 'unauthenticated', {
    field: 'Authorization',
    why: `the service’s token is not believed: ${why}`,
  });

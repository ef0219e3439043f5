import { PLATFORM, type Role, scopeOfKey, signToken } from '@caretab/access';
import { type Clock, DomainError, type Ids } from '@caretab/kernel';
import { decodeProtectedHeader, type JWK, jwtVerify } from 'jose';
import type { KnownKey } from '../institution/institution-keys';
import type { AssertionsTaken } from './assertions-taken';
import type { SigningKeys } from './signing-keys';
import type { SignedIn, SignIns } from './sign-ins';

/** As RFC 6749 and its extensions call the fields of a token request. */
export type TokenRequest = Readonly<Record<string, string | undefined>>;

/** RFC 6749, 5.1. */
export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly refresh_token?: string;
}

interface Parts {
  /** The issuer's name, an address under which its discovery document stands. */
  readonly issuer: string;
  readonly keys: SigningKeys;
  readonly signIns: SignIns;
  readonly assertions: AssertionsTaken;
  readonly clock: Clock;
  readonly ids: Ids;
  /** What they may do by today's guardianships, whatever they were registered as. */
  rolesToday(roles: readonly Role[], subjectId: string): Promise<readonly Role[]>;
  /** The API key that is presented, where it is one. */
  keyOf(apiKey: string): Promise<KnownKey | undefined>;
}

/** Who gets a token, by what of its own, and for what where it is not for everything. */
interface Client extends SignedIn {
  readonly clientId?: string;
  readonly scope?: readonly string[];
}

/** Kinds of roles that follow who acts for whom. */
const OF_PEOPLE: readonly string[] = ['Citizen', 'Guardian'];
const LIFETIME_S = 5 * 60;
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** An assertion is made for one request. */
const ASSERTION_AGE_MAX_S = 60;
const CLOCK_TOLERANCE_S = 5;

const clientRefused = (why: string): DomainError =>
  new DomainError('CLIENT_REFUSED', 'unauthenticated', { field: 'client_assertion', why });

/** Exchanges what a subject signs in with for a short-lived access token (RFC 6749, RFC 9068). */
export class Tokens {
  constructor(private readonly parts: Parts) {}

  /**
   * Throws GRANT_UNSUPPORTED (invalid), SIGN_IN_REFUSED and CLIENT_REFUSED (unauthenticated),
   * OVERLOADED (overloaded).
   */
  async answer(request: TokenRequest): Promise<TokenAnswer> {
    const { username = '', password = '', otp = '', refresh_token: session = '' } = request;
    switch (request['grant_type']) {
      case 'password': {
        const signedIn = await this.parts.signIns.byPassword(username, password, otp);
        const { secret, sessionId } = await this.parts.signIns.begin(signedIn);
        const token = await this.tokenFor({ ...signedIn, clientId: sessionId });
        return { ...token, refresh_token: secret };
      }
      case 'refresh_token': {
        const signedIn = await this.parts.signIns.bySession(session);
        return this.tokenFor({ ...signedIn, clientId: signedIn.sessionId });
      }
      case 'client_credentials':
        return this.tokenFor(await this.client(request));
      default:
        throw new DomainError('GRANT_UNSUPPORTED', 'invalid', {
          field: 'grant_type',
          remedy: 'send client_credentials, password or refresh_token',
        });
    }
  }

  /** OpenID Connect Discovery 1.0, as far as there is something to find. */
  description() {
    const { issuer } = this.parts;
    return {
      issuer,
      jwks_uri: `${issuer}/jwks`,
      token_endpoint: `${issuer}/token`,
      revocation_endpoint: `${issuer}/token/revoke`,
      void_tokens_endpoint: `${issuer}/void-tokens`,
      grant_types_supported: ['client_credentials', 'password', 'refresh_token'],
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_post'],
      token_endpoint_auth_signing_alg_values_supported: ['EdDSA'],
    };
  }

  private client(request: TokenRequest): Promise<Client> {
    const { client_secret: secret, client_assertion: assertion = '' } = request;
    if (secret !== undefined) return this.byApiKey(secret);
    if (request['client_assertion_type'] === JWT_BEARER) return this.byAssertion(assertion);
    throw clientRefused('there is neither an assertion nor a secret');
  }

  private async byApiKey(apiKey: string): Promise<Client> {
    const key = await this.parts.keyOf(apiKey);
    if (!key) throw clientRefused('no institution has this key, or it has ended');
    const { institutionId: institution, keyId, scopes } = key;
    const roles: readonly Role[] = [{ kind: 'HospitalSystem', institution }];
    const signedIn = { subjectId: `hospital/${institution}`, roles, amr: ['swk'], clientId: keyId };
    return { ...signedIn, scope: scopeOfKey(scopes) };
  }

  /** `private_key_jwt` (RFC 7523): signed by a key of the subject, for us, for this minute, once. */
  private async byAssertion(assertion: string): Promise<SignedIn> {
    const signedIn = await this.parts.signIns.byKey(keyIdOf(assertion));
    const now = this.parts.clock.now();
    const { issuer } = this.parts;
    const { payload } = await jwtVerify(assertion, signedIn.publicJwk as JWK, {
      issuer: signedIn.subjectId,
      subject: signedIn.subjectId,
      audience: [issuer, `${issuer}/token`],
      algorithms: ['EdDSA', 'Ed25519'],
      requiredClaims: ['exp', 'iat', 'jti'],
      maxTokenAge: ASSERTION_AGE_MAX_S,
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: now,
    }).catch(() => {
      throw clientRefused('the assertion is not signed by this client for this issuer and minute');
    });
    const goodUntil = new Date(
      now.getTime() + (ASSERTION_AGE_MAX_S + 2 * CLOCK_TOLERANCE_S) * 1000,
    );
    const { assertions } = this.parts;
    if (!(await assertions.take(signedIn.subjectId, payload.jti!, { now, goodUntil })))
      throw clientRefused('the assertion was used before');
    return signedIn;
  }

  private async tokenFor(client: Client): Promise<TokenAnswer> {
    const { subjectId, amr, scope, clientId = subjectId } = client;
    const isOfPeople = client.roles.some(({ kind }) => OF_PEOPLE.includes(kind));
    const roles = isOfPeople ? await this.parts.rolesToday(client.roles, subjectId) : client.roles;
    const { issuer, keys, clock, ids } = this.parts;
    const content = {
      ...{ issuer, audience: PLATFORM, subject: subjectId, clientId },
      ...{ roles, amr, tokenId: ids.next(), ...(scope && { scope }) },
    };
    const token = await signToken(await keys.current(), content, {
      now: clock.now(),
      lifetimeS: LIFETIME_S,
    });
    return { access_token: token, token_type: 'Bearer', expires_in: LIFETIME_S };
  }
}

const keyIdOf = (assertion: string): string => {
  try {
    return decodeProtectedHeader(assertion).kid ?? '';
  } catch {
    throw clientRefused('the assertion cannot be read');
  }
};

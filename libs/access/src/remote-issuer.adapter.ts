import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';

const TIMEOUT_MS = 5_000;
/** A key that is published no more is believed for so long. */
const FRESH_MS = 30_000;
/** Between two questions for a key that was not among them. */
const COOLDOWN_MS = 2_000;

/** As much of OpenID Connect Discovery 1.0 as is needed, and where our own issuer lists void tokens. */
interface Discovery {
  readonly issuer?: unknown;
  readonly jwks_uri?: unknown;
  readonly void_tokens_endpoint?: unknown;
}

interface Found {
  readonly keys: JWTVerifyGetKey;
  readonly voidTokensUrl: string | undefined;
}

/**
 * An OpenID Connect issuer, found by its discovery document. Its keys are read when a token needs
 * them, and again after half a minute or for a key that is new: so they rotate while both sides run.
 * Rejects with what is no JOSEError where the issuer is away.
 */
export class RemoteIssuer {
  private finding: Promise<Found> | undefined;
  private allBefore: Date | undefined;
  private subjects: ReadonlyMap<string, Date> = new Map();

  constructor(
    readonly issuer: string,
    private readonly fetch: typeof globalThis.fetch,
  ) {}

  readonly keys: JWTVerifyGetKey = async (header, token) =>
    (await this.found()).keys(header, token);

  /** Tokens of the subject that were issued before are void. */
  voidBefore(subject: string): Date | undefined {
    const own = this.subjects.get(subject);
    if (!own || (this.allBefore && this.allBefore > own)) return this.allBefore;
    return own;
  }

  /** Reads which tokens are void, once any was verified; what was read before stays while it is away. */
  async readVoid(): Promise<void> {
    if (!this.finding) return;
    await this.finding.then(
      ({ voidTokensUrl }) => this.readVoidAt(voidTokensUrl).catch(() => undefined),
      () => undefined,
    );
  }

  private found(): Promise<Found> {
    this.finding ??= this.find().catch((error: unknown) => {
      this.finding = undefined;
      throw error;
    });
    return this.finding;
  }

  private async find(): Promise<Found> {
    const document = (await this.read(
      `${this.issuer}/.well-known/openid-configuration`,
    )) as Discovery;
    if (document.issuer !== this.issuer) throw new Error('the issuer says that it is another');
    const { void_tokens_endpoint: voidTokensUrl } = document;
    const found = {
      keys: createRemoteJWKSet(new URL(String(document.jwks_uri)), {
        timeoutDuration: TIMEOUT_MS,
        cacheMaxAge: FRESH_MS,
        cooldownDuration: COOLDOWN_MS,
        [customFetch]: this.fetch,
      }),
      voidTokensUrl: voidTokensUrl === undefined ? undefined : String(voidTokensUrl),
    };
    await this.readVoidAt(found.voidTokensUrl);
    return found;
  }

  private async readVoidAt(url: string | undefined): Promise<void> {
    if (url === undefined) return;
    const { allBefore, subjects } = (await this.read(url)) as {
      readonly allBefore?: string;
      readonly subjects: readonly { readonly subject: string; readonly before: string }[];
    };
    this.allBefore = allBefore === undefined ? undefined : new Date(allBefore);
    this.subjects = new Map(subjects.map(({ subject, before }) => [subject, new Date(before)]));
  }

  private async read(url: string): Promise<unknown> {
    const answer = await this.fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) throw new Error(`the issuer answers ${answer.status}`);
    return answer.json();
  }
}

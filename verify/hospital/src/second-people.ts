import { createHmac } from 'node:crypto';
import type { Answer } from './ask';

/** Asks the platform, with these header fields beside the question's. */
export type AskPlatform = (
  method: string,
  path: string,
  body: unknown,
  authorization: string | undefined,
) => Promise<Answer>;

/** A member of staff who signed in; plain data, so that processes can share it. */
export interface SignedIn {
  readonly subjectId: string;
  readonly password: string;
  readonly totpUri: string;
  readonly refreshToken: string;
}

/** The administrators and the privacy officer are kept apart; the security administrator comes last. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  'second-office': ['Desk', 'Finance', 'CreditAuthority', 'Bureau', 'SystemAdmin'],
  'second-privacy': ['PrivacyOfficer'],
  'second-security': ['SecurityAdmin'],
};
const STEP_MS = 30_000;
/** Of the five minutes that a token lives. */
const TOKEN_KEPT_MS = 240_000;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

const bytesOf = (base32: string): Buffer => {
  const bits = [...base32].map((sign) => ALPHABET.indexOf(sign).toString(2).padStart(5, '0'));
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => parseInt(byte, 2)));
};

/** The one-time code (RFC 6238) of now, by what an authenticator app is shown. */
export const codeOf = (totpUri: string, now = Date.now()): string => {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / STEP_MS)));
  const secret = bytesOf(new URL(totpUri).searchParams.get('secret') ?? '');
  const mac = createHmac('sha1', secret).update(counter).digest();
  const at = mac[mac.length - 1]! & 0xf;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
};

const done = async (asked: Promise<Answer>, what: string): Promise<any> => {
  const { status, body, text } = await asked;
  if (status >= 300) throw new Error(`${what} answered ${status}: ${text.slice(0, 300)}`);
  return body;
};

/** Registers a person of staff with these roles, and signs in with both factors. */
export const signIn = async (
  ask: AskPlatform,
  operator: string | undefined,
  { subjectId, kinds }: { readonly subjectId: string; readonly kinds: readonly string[] },
): Promise<SignedIn> => {
  const path = `/identity/subjects/${subjectId}`;
  const roles = kinds.map((kind) => ({ kind }));
  await done(ask('PUT', path, { roles }, operator), `PUT ${path}`);
  const made = await done(ask('POST', `${path}/sign-in`, undefined, operator), 'the sign-in');
  const { password, totpUri } = made as { password: string; totpUri: string };
  const { refresh_token } = await byPassword(ask, { subjectId, password, totpUri });
  return { subjectId, password, totpUri, refreshToken: refresh_token };
};

const byPassword = async (
  ask: AskPlatform,
  { subjectId, password, totpUri }: Omit<SignedIn, 'refreshToken'>,
): Promise<{ readonly access_token: string; readonly refresh_token: string }> => {
  const otp = codeOf(totpUri);
  const given = { grant_type: 'password', username: subjectId, password, otp };
  return done(ask('POST', '/identity/token', given, undefined), 'a token');
};

/**
 * Persons who approve what an operator asks for: each is another than the operator, and signed in with
 * a second factor.
 */
export class SecondPeople {
  private readonly tokens = new Map<string, { readonly token: string; readonly untilMs: number }>();

  constructor(
    private readonly ask: AskPlatform,
    readonly people: readonly SignedIn[],
  ) {}

  /** Registers them on a platform that has no staff yet. */
  static async register(ask: AskPlatform, operator: string | undefined): Promise<SecondPeople> {
    const people: SignedIn[] = [];
    for (const [subjectId, kinds] of Object.entries(ROLES))
      people.push(await signIn(ask, operator, { subjectId, kinds }));
    return new SecondPeople(ask, people);
  }

  /** Gives an approval, by whom of them may. Throws with the last refusal. */
  async give(service: string, approvalId: string): Promise<void> {
    const path = `/${service}/approvals/${approvalId}`;
    let refusal = 'no one was asked';
    for (const person of this.people) {
      const authorization = await this.authorizationOf(person);
      const { status, text } = await this.ask('POST', path, { decision: 'give' }, authorization);
      if (status === 200) return;
      refusal = `${status} ${text.slice(0, 300)}`;
    }
    throw new Error(`the approval ${approvalId} of ${service} was not given: ${refusal}`);
  }

  /** The header field of one of them. A session that is over begins again. */
  async authorizationOf(person: SignedIn): Promise<string> {
    const { subjectId, refreshToken } = person;
    const known = this.tokens.get(subjectId);
    if (known && Date.now() < known.untilMs) return known.token;
    const given = { grant_type: 'refresh_token', refresh_token: refreshToken };
    const { status, body } = await this.ask('POST', '/identity/token', given, undefined);
    const answer = status === 200 ? body : await byPassword(this.ask, person);
    const token = `Bearer ${(answer as { access_token: string }).access_token}`;
    this.tokens.set(subjectId, { token, untilMs: Date.now() + TOKEN_KEPT_MS });
    return token;
  }
}

/** The id in the refusal APPROVAL_NEEDED; undefined for every other answer. */
export const approvalIdOf = ({ body }: Pick<Answer, 'body'>): string | undefined =>
  body?.code === 'APPROVAL_NEEDED'
    ? (body.details as { field: string; value?: string }[]).find(
        ({ field }) => field === 'approvalId',
      )?.value
    : undefined;

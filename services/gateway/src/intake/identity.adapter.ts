import {
  type Holder,
  HolderField,
  InstitutionId,
  InterfaceProfile,
  isIssued,
  ISSUER_ANSWER_MS_MAX,
  isKeyScope,
  type KeyScope,
  PersonId,
} from '@caretab/contracts';
import { type Clock, DomainError, type ErrorCode, type ErrorKind } from '@caretab/kernel';
import { inTraceApart } from '@caretab/telemetry';
import { Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { hospitalOf } from '../api/institution.guard';
import { ask, type AskOptions, type Question, type Reply } from '@caretab/host';
import type { Misses } from './misses';
import { misread } from './misread';
import type { InstitutionProof, KeyHolder, Partners, Whose } from './partners';
import { Remembered, REMEMBERED_MS } from './remembered';
import type { Credential } from './submission';

const away = (details: DomainError['details']): DomainError =>
  new DomainError('IDENTITY_UNAVAILABLE', 'unavailable', details);

/** A changed key or profile takes effect after so long; while identity is away, after a minute. */
const INSTITUTION_FRESH_MS = 1_000;

/** What is said of a code that others issue, beside what is forbidden. */
const OF_ISSUERS: Readonly<Partial<Record<ErrorCode, ErrorKind>>> = {
  CODE_UNKNOWN: 'not-found',
  CODE_ISSUER_UNSET: 'unprocessable',
  CODE_ISSUER_UNAVAILABLE: 'unavailable',
};

const CODE = /^[A-Z][A-Z0-9_]{1,60}$/;
/** What identity's guards answer: they speak of us, not of the person. */
const NOT_FOR_US = ['UNAUTHENTICATED', 'ACCESS_FORBIDDEN'];

/**
 * The code of a problem from identity itself; empty when something else answers under its address.
 */
const codeOf = ({ body }: Reply): ErrorCode | undefined => {
  const code = (body as { code?: unknown } | null)?.code;
  return typeof code === 'string' && CODE.test(code) ? (code as ErrorCode) : undefined;
};

/** The field of a sound answer; undefined when it is not what it should be. */
const idIn = (
  { status, body }: Reply,
  field: 'institutionId' | 'personId',
  pattern: RegExp,
): string | undefined => {
  const id =
    status === 200 ? (body as Readonly<Record<string, unknown>> | null)?.[field] : undefined;
  return typeof id === 'string' && pattern.test(id) ? id : undefined;
};

const FIELD = TypeCompiler.Compile(HolderField);

/** Fields of a later release are passed over; an older identity compares nothing. */
const differsIn = ({ body }: Reply): readonly HolderField[] => {
  const { differs } = (body ?? {}) as { readonly differs?: unknown };
  return Array.isArray(differs) ? differs.filter((field) => FIELD.Check(field)) : [];
};

const RESOLVE = '/identity/persons/resolve';
/** Not identity is away then, but who issued the code. */
const PASSED_ON = ['CODE_ISSUER_UNAVAILABLE'] as const;

const WORDS_LENGTH_MAX = 200;

/** Why, and what to do, as identity says it of a card that leads to no one. */
const wordsIn = ({ body }: Reply): { readonly why?: string; readonly remedy?: string } => {
  const { details } = (body ?? {}) as { readonly details?: unknown };
  const first: unknown = Array.isArray(details) ? details[0] : undefined;
  const { why, remedy } = (first ?? {}) as { readonly why?: unknown; readonly remedy?: unknown };
  const isText = (text: unknown): text is string =>
    typeof text === 'string' && text.length <= WORDS_LENGTH_MAX;
  return isText(why) && isText(remedy) ? { why, remedy } : {};
};

interface Institution extends KeyHolder {
  readonly profile: InterfaceProfile;
}

/** Members of a later release are passed over. */
const PROFILE = TypeCompiler.Compile(Type.Object(InterfaceProfile.properties));

/** Undefined where it is not what it should be; an older identity gives none, and all holds. */
const profileIn = ({ body }: Reply): InterfaceProfile | undefined => {
  const { interface: profile = {} } = body as { readonly interface?: unknown };
  return PROFILE.Check(profile) ? profile : undefined;
};

/** Undefined: no key was shown, or identity is older. Scopes of a later release are for nothing. */
const scopesIn = ({ body }: Reply): readonly KeyScope[] | undefined => {
  const { scopes } = body as { readonly scopes?: unknown };
  return Array.isArray(scopes) ? scopes.map(String).filter(isKeyScope) : undefined;
};

const INSTITUTION = new RegExp(InstitutionId.pattern!);
const PERSON = new RegExp(PersonId.pattern!);

/**
 * Identity over HTTP: who speaks, and who a credential belongs to. Deadline 2 s, and as long as an issuer
 * is waited for where a code of its own is asked about.
 */
export class IdentityClient implements Partners {
  private readonly institutions: Remembered<Institution>;
  private readonly persons: Remembered<Whose>;

  constructor(
    private readonly options: AskOptions,
    private readonly clock: Clock,
    private readonly misses: Pick<Misses, 'check' | 'note'>,
  ) {
    this.institutions = new Remembered(clock);
    this.persons = new Remembered(clock);
  }

  async institutionOf(proof: InstitutionProof): Promise<string> {
    return (await this.institution(proof)).institutionId;
  }

  keyHolder(apiKey: string): Promise<KeyHolder> {
    return this.institution({ apiKey });
  }

  async profileOf(institutionId: string): Promise<InterfaceProfile> {
    return (await this.institution({ institutionId })).profile;
  }

  private institution(proof: InstitutionProof): Promise<Institution> {
    return this.institutions.of(proof, INSTITUTION_FRESH_MS, async () => {
      // Shared by all messages of the next minute, so it is no part of this one's trace.
      const reply = await inTraceApart('authenticate institution', { service: 'gateway' }, () =>
        this.post('/identity/institutions/authenticate', proof),
      );
      const institutionId = idIn(reply, 'institutionId', INSTITUTION);
      const profile = institutionId === undefined ? undefined : profileIn(reply);
      if (institutionId !== undefined && profile) {
        const institution = { institutionId, profile };
        this.institutions.keep({ institutionId }, institution);
        const scopes = scopesIn(reply);
        return scopes ? { ...institution, scopes } : institution;
      }
      const isUnknown =
        reply.status === 404
          ? codeOf(reply) === 'INSTITUTION_UNKNOWN'
          : reply.status === 400 && codeOf(reply) !== undefined;
      if (!isUnknown) throw this.unavailable(reply);
      const field = 'facility' in proof ? 'MSH-4' : 'Authorization';
      throw new DomainError('INSTITUTION_UNKNOWN', 'not-found', {
        field,
        why: 'no institution is registered under this name or key',
        remedy: 'ask the platform to register the institution',
      });
    });
  }

  /** A holder is asked for with the credential: there is one question, as without. */
  async personOf(
    credential: Credential,
    { fresh, holder, institutionId, use }: Parameters<Partners['personOf']>[1],
  ): Promise<Whose> {
    const isCode = credential.type === 'qr' || isIssued(credential.type);
    const question = isCode && use !== undefined ? { ...credential, use } : credential;
    const freshMs = fresh ? 0 : REMEMBERED_MS;
    const asking = { freshMs, institutionId };
    if (!holder) return this.resolved(question, asking);
    try {
      const whose = await this.resolved({ ...question, holder }, asking);
      this.persons.keep({ ...question, institutionId }, { ...whose, differs: [] });
      return whose;
    } catch (error) {
      const isAway = error instanceof DomainError && error.kind === 'unavailable';
      if (!isAway || fresh) throw error;
      // Whose it is was known without this holder: a charge goes on.
      return this.persons.of({ ...question, institutionId }, REMEMBERED_MS, () =>
        Promise.reject(error),
      );
    }
  }

  private unknown(institutionId: string, { type }: Credential): DomainError {
    this.misses.note(institutionId);
    return new DomainError('PERSON_UNKNOWN', 'not-found', {
      credential: type,
      why: 'no person is registered with this credential',
      remedy: 'charge the visit without CareTab, or register the person and send the message again',
    });
  }

  async compare(
    personId: string,
    holder: Holder,
    institutionId: string,
  ): Promise<readonly HolderField[]> {
    const path = `/identity/persons/${personId}/compare`;
    const reply = await this.post(path, holder, institutionId);
    if (reply.status === 404 && codeOf(reply)?.startsWith('PERSON'))
      throw new DomainError('PERSON_UNKNOWN', 'not-found', {
        field: '/personId',
        why: 'no person is registered under this id',
        remedy: 'send the credential, or resolve it again',
      });
    if (reply.status !== 200) throw this.unavailable(reply);
    return differsIn(reply);
  }

  private resolved(
    question: Credential & { readonly holder?: Holder },
    { freshMs, institutionId }: { readonly freshMs: number; readonly institutionId: string },
  ): Promise<Whose> {
    const { holder, ...credential } = question;
    // Each hospital asks for itself, so that identity sees who looks for whom.
    return this.persons.of({ ...question, institutionId }, freshMs, async () => {
      this.misses.check(institutionId);
      const reply = await this.post(RESOLVE, question, institutionId, {
        passedOn: PASSED_ON,
        ...(isIssued(question.type) && { outsideMs: ISSUER_ANSWER_MS_MAX }),
      });
      const personId = idIn(reply, 'personId', PERSON);
      if (personId !== undefined) return { personId, differs: differsIn(reply) };
      const code = codeOf(reply);
      if (code === undefined) throw this.unavailable(reply);
      // An older identity does not compare holders.
      if (holder && reply.status === 400 && code === 'REQUEST_INVALID')
        return this.resolved(credential, { freshMs, institutionId });
      if (reply.status === 404 && code === 'PERSON_UNKNOWN')
        throw misread(credential, this.clock.now()) ?? this.unknown(institutionId, credential);
      if (reply.status === 400)
        throw new DomainError('CREDENTIAL_INVALID', 'invalid', {
          credential: credential.type,
          why: 'identity cannot read the credential',
          remedy: 'check how it was captured',
        });
      const kind = OF_ISSUERS[code] ?? (reply.status === 403 ? 'forbidden' : undefined);
      if (kind !== undefined && !NOT_FOR_US.includes(code))
        throw new DomainError(codeOf(reply)!, kind, {
          credential: credential.type,
          ...wordsIn(reply),
        });
      throw this.unavailable(reply);
    });
  }

  async indexesOf(values: readonly string[]): Promise<readonly string[]> {
    const reply = await this.post('/identity/identifiers/index', { values });
    const { blindIndexes } = (reply.body ?? {}) as { readonly blindIndexes?: unknown };
    if (reply.status === 200 && Array.isArray(blindIndexes)) return blindIndexes as string[];
    throw this.unavailable(reply);
  }

  /** `institutionId`: the hospital in whose place it is asked. */
  private post(
    path: string,
    body: unknown,
    institutionId?: string,
    options: Pick<Question, 'passedOn' | 'outsideMs'> = {},
  ): Promise<Reply> {
    const carried = institutionId === undefined ? undefined : hospitalOf(institutionId);
    return ask(this.options, { method: 'POST', path, body, carried, ...options }, away);
  }

  /**
   * An answer we did not agree on: a wrong token, an older identity, something else under its
   * address. The sender's message is as good as before.
   */
  private unavailable({ status }: Reply): DomainError {
    return away({
      answered: status,
      remedy: 'try again later',
    });
  }
}

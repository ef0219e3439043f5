import { createHash } from 'node:crypto';
import {
  type Holder,
  HolderField,
  InstitutionId,
  InterfaceProfile,
  PersonId,
} from '@caretab/contracts';
import { type Clock, DomainError, type ErrorCode } from '@caretab/kernel';
import { inTraceApart } from '@caretab/telemetry';
import { Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { overloaded } from '../admission/admission';
import { hospitalOf } from '../api/institution.guard';
import { ask, type AskOptions, type Reply } from '@caretab/host';
import type { Misses } from './misses';
import { misread } from './misread';
import type { InstitutionProof, Partners, Whose } from './partners';
import type { Credential } from './submission';

const away = (details: DomainError['details']): DomainError =>
  new DomainError('IDENTITY_UNAVAILABLE', 'unavailable', details);

const REMEMBERED_MS = 60_000;
const REMEMBERED_MAX = 10_000;
/** A changed key or profile takes effect after so long; while identity is away, after a minute. */
const INSTITUTION_FRESH_MS = 1_000;
/**
 * Concurrent questions: a client that guesses keys, or floods with new patients, does not overload
 * identity.
 */
const ASKING_MAX = 128;
const RETRY_AFTER_S = 1;

/**
 * Answers of the last minute, by the hash of the question: no key and no ID number is kept in
 * memory longer than its request.
 */
class Remembered<Answer> {
  private readonly answers = new Map<
    string,
    { readonly answer: Answer; readonly askedAtMs: number }
  >();
  /** A crowd that finds an answer forgotten asks once. */
  private readonly asking = new Map<string, Promise<Answer>>();

  constructor(private readonly clock: Clock) {}

  /**
   * An answer that is not older than `freshMs`, asked for where there is none. An older one of the
   * last minute is given while identity is away, unless `freshMs` is 0.
   */
  async of(question: unknown, freshMs: number, answer: () => Promise<Answer>): Promise<Answer> {
    const key = keyOf(question);
    const known = this.answers.get(key);
    const ageMs = known ? this.clock.now().getTime() - known.askedAtMs : Infinity;
    // An answer from the future is of a clock that was set back: it would be remembered for as long
    // as it was ahead.
    if (known && ageMs >= 0 && ageMs < freshMs) return known.answer;
    try {
      return await this.asked(key, freshMs, answer);
    } catch (error) {
      const isAway = error instanceof DomainError && error.kind === 'unavailable';
      if (known && isAway && freshMs > 0 && ageMs >= 0 && ageMs < REMEMBERED_MS)
        return known.answer;
      throw error;
    }
  }

  /** Keeps an answer that came to another question. */
  keep(question: unknown, answer: Answer): void {
    if (this.answers.size >= REMEMBERED_MAX) this.answers.clear();
    this.answers.set(keyOf(question), { answer, askedAtMs: this.clock.now().getTime() });
  }

  private asked(key: string, freshMs: number, answer: () => Promise<Answer>): Promise<Answer> {
    const under = freshMs === 0 ? undefined : this.asking.get(key);
    if (under) return under;
    if (this.asking.size >= ASKING_MAX) throw overloaded('too many lookups at once', RETRY_AFTER_S);
    const asked = this.ask(key, answer).finally(
      () => this.asking.get(key) === asked && this.asking.delete(key),
    );
    this.asking.set(key, asked);
    return asked;
  }

  private async ask(key: string, answer: () => Promise<Answer>): Promise<Answer> {
    const askedAtMs = this.clock.now().getTime();
    const given = await answer();
    if (this.answers.size >= REMEMBERED_MAX) this.answers.clear();
    this.answers.set(key, { answer: given, askedAtMs });
    return given;
  }
}

const keyOf = (question: unknown): string =>
  createHash('sha256').update(JSON.stringify(question)).digest('base64');

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

interface Institution {
  readonly institutionId: string;
  readonly profile: InterfaceProfile;
}

/** Members of a later release are passed over. */
const PROFILE = TypeCompiler.Compile(Type.Object(InterfaceProfile.properties));

/** Undefined where it is not what it should be; an older identity gives none, and all holds. */
const profileIn = ({ body }: Reply): InterfaceProfile | undefined => {
  const { interface: profile = {} } = body as { readonly interface?: unknown };
  return PROFILE.Check(profile) ? profile : undefined;
};

const INSTITUTION = new RegExp(InstitutionId.pattern!);
const PERSON = new RegExp(PersonId.pattern!);

/** Identity over HTTP: who speaks, and who a credential belongs to. Deadline 2 s. */
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
        return institution;
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
    { fresh, holder, institutionId }: Parameters<Partners['personOf']>[1],
  ): Promise<Whose> {
    const { type, value } = credential;
    const freshMs = fresh ? 0 : REMEMBERED_MS;
    const asking = { freshMs, institutionId };
    if (!holder) return this.resolved({ type, value }, asking);
    try {
      const whose = await this.resolved({ type, value, holder }, asking);
      this.persons.keep({ type, value, institutionId }, { ...whose, differs: [] });
      return whose;
    } catch (error) {
      const isAway = error instanceof DomainError && error.kind === 'unavailable';
      if (!isAway || fresh) throw error;
      // Whose it is was known without this holder: a charge goes on.
      return this.persons.of({ type, value, institutionId }, REMEMBERED_MS, () =>
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
      const reply = await this.post('/identity/persons/resolve', question, institutionId);
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
      if (reply.status === 403 && !NOT_FOR_US.includes(code))
        throw new DomainError(codeOf(reply)!, 'forbidden', { credential: credential.type });
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
  private post(path: string, body: unknown, institutionId?: string): Promise<Reply> {
    const carried = institutionId === undefined ? undefined : hospitalOf(institutionId);
    return ask(this.options, { method: 'POST', path, body, carried }, away);
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

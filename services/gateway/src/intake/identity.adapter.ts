import { createHash } from 'node:crypto';
import { InstitutionId, PersonId } from '@caretab/contracts';
import { type Clock, DomainError, type ErrorCode } from '@caretab/kernel';
import { inTraceApart } from '@caretab/telemetry';
import { overloaded } from '../admission/admission';
import { ask, type AskOptions, type Reply } from '../ask.adapter';
import type { Partners } from './partners';
import type { Credential } from './submission';

const REMEMBERED_MS = 60_000;
const REMEMBERED_MAX = 10_000;
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
class Remembered {
  private readonly answers = new Map<
    string,
    { readonly answer: string; readonly untilMs: number }
  >();
  /** A crowd that finds an answer forgotten asks once. */
  private readonly asking = new Map<string, Promise<string>>();

  constructor(private readonly clock: Clock) {}

  async of(question: unknown, fresh: boolean, answer: () => Promise<string>): Promise<string> {
    const key = createHash('sha256').update(JSON.stringify(question)).digest('base64');
    const nowMs = this.clock.now().getTime();
    const known = this.answers.get(key);
    // An answer from the future is of a clock that was set back: it would be remembered for as long
    // as it was ahead.
    if (!fresh && known && known.untilMs > nowMs && known.untilMs <= nowMs + REMEMBERED_MS)
      return known.answer;
    const under = fresh ? undefined : this.asking.get(key);
    if (under) return under;
    if (this.asking.size >= ASKING_MAX) throw overloaded('too many lookups at once', RETRY_AFTER_S);
    const asked = this.ask(key, answer).finally(
      () => this.asking.get(key) === asked && this.asking.delete(key),
    );
    this.asking.set(key, asked);
    return asked;
  }

  private async ask(key: string, answer: () => Promise<string>): Promise<string> {
    const askedAtMs = this.clock.now().getTime();
    const given = await answer();
    if (this.answers.size >= REMEMBERED_MAX) this.answers.clear();
    this.answers.set(key, { answer: given, untilMs: askedAtMs + REMEMBERED_MS });
    return given;
  }
}

const CODE = /^[A-Z][A-Z0-9_]{1,60}$/;
/** What identity's guards answer: they speak of us, not of the person. */
const NOT_FOR_US = ['INTERNAL_TOKEN_NEEDED', 'OPERATOR_KEY_NEEDED'];

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

const INSTITUTION = new RegExp(InstitutionId.pattern!);
const PERSON = new RegExp(PersonId.pattern!);

/** Identity over HTTP: who speaks, and who a credential belongs to. Deadline 2 s. */
export class IdentityClient implements Partners {
  private readonly institutions: Remembered;
  private readonly persons: Remembered;

  constructor(
    private readonly options: AskOptions,
    clock: Clock,
  ) {
    this.institutions = new Remembered(clock);
    this.persons = new Remembered(clock);
  }

  institutionOf(
    proof: { readonly apiKey: string } | { readonly facility: string },
  ): Promise<string> {
    return this.institutions.of(proof, false, async () => {
      // Shared by all messages of the next minute, so it is no part of this one's trace.
      const reply = await inTraceApart('authenticate institution', { service: 'gateway' }, () =>
        this.post('/identity/institutions/authenticate', proof),
      );
      const institutionId = idIn(reply, 'institutionId', INSTITUTION);
      if (institutionId !== undefined) return institutionId;
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

  personOf(credential: Credential, { fresh }: { readonly fresh: boolean }): Promise<string> {
    return this.persons.of(credential, fresh, async () => {
      const reply = await this.post('/identity/persons/resolve', credential);
      const personId = idIn(reply, 'personId', PERSON);
      if (personId !== undefined) return personId;
      const code = codeOf(reply);
      if (code === undefined) throw this.unavailable(reply);
      if (reply.status === 404 && code === 'PERSON_UNKNOWN')
        throw new DomainError('PERSON_UNKNOWN', 'not-found', {
          field: 'PID-3',
          credential: credential.type,
          why: 'no person is registered with this credential',
          remedy:
            'charge the visit without CareTab, or register the person and send the message again',
        });
      if (reply.status === 400)
        throw new DomainError('CREDENTIAL_INVALID', 'invalid', {
          field: 'PID-3',
          credential: credential.type,
          why: 'identity cannot read the credential',
          remedy: 'check how it was captured',
        });
      if (reply.status === 403 && !NOT_FOR_US.includes(code))
        throw new DomainError(codeOf(reply)!, 'forbidden', {
          field: 'PID-3',
          credential: credential.type,
        });
      throw this.unavailable(reply);
    });
  }

  private post(path: string, body: unknown): Promise<Reply> {
    return ask(this.options, { method: 'POST', path, body }, 'IDENTITY_UNAVAILABLE');
  }

  /**
   * An answer we did not agree on: a wrong token, an older identity, something else under its
   * address. The sender's message is as good as before.
   */
  private unavailable({ status }: Reply): DomainError {
    return new DomainError('IDENTITY_UNAVAILABLE', 'unavailable', {
      answered: status,
      remedy: 'try again later',
    });
  }
}

import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServiceTokens } from '@caretab/access';
import { type Groupable, GroupCommit, type Outcome } from '@caretab/kernel';
import { visitHeaders } from '@caretab/telemetry';
import { Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import type { Contacts } from './outlets';

type Contact = Awaited<ReturnType<Contacts['of']>>;

const contact = {
  email: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  mobile: Type.Optional(Type.String()),
  language: Type.Optional(Type.Union([Type.Literal('zh'), Type.Literal('en')])),
};
const OK = 200;
const NOT_FOUND = 404;
const CONFLICT = 409;
const contactCheck = TypeCompiler.Compile(Type.Object(contact));
const contactsCheck = TypeCompiler.Compile(
  Type.Object({
    contacts: Type.Array(Type.Object({ personId: Type.String(), ...contact })),
    destroyed: Type.Array(Type.String()),
  }),
);

interface Asked extends Groupable {
  readonly personId: string;
  readonly inTrace: <Result>(run: () => Result) => Result;
}

/** Of one question; as many as identity takes. Questions under way do not hold up the next. */
const LIMITS = {
  batchEventsMax: 100,
  batchBytesMax: Number.POSITIVE_INFINITY,
  inFlightMax: 100,
  // Notices that are prepared at once are bounded by the lanes.
  queueMax: Number.POSITIVE_INFINITY,
};

const known = ({
  email = null,
  mobile = null,
  language = 'zh',
}: {
  readonly email?: string | null;
  readonly mobile?: string | null;
  readonly language?: 'zh' | 'en';
}): Contact => ({ email, mobile, language });

/** Asks identity where persons can be reached: all that are wanted in one turn by one question. */
export class ContactClient implements Contacts {
  private readonly group = new GroupCommit<Asked, Contact>(
    LIMITS,
    (batch) => this.askAll(batch),
    () => new Error('too much is asked for'),
    queueMicrotask,
  );
  private asked = 0;

  constructor(
    private readonly options: {
      readonly url: string;
      readonly tokens: ServiceTokens;
      readonly timeoutMs: number;
      readonly fetch?: typeof globalThis.fetch | undefined;
    },
  ) {}

  of(personId: string): Promise<Contact> {
    this.asked += 1;
    const inTrace = AsyncLocalStorage.snapshot();
    // Each in a lane of its own: two notices to one person do not wait for each other.
    return this.group.add({ lane: String(this.asked), events: 1, bytes: 0, personId, inTrace });
  }

  private async askAll(batch: readonly Asked[]): Promise<readonly Outcome<Contact>[]> {
    const persons = new Map(batch.map((asked) => [asked.personId, asked]));
    const answers = await this.answersOf(persons);
    return batch.map(({ personId }) => ({ answer: answers.get(personId) ?? 'unavailable' }));
  }

  private async answersOf(
    persons: ReadonlyMap<string, Asked>,
  ): Promise<ReadonlyMap<string, Contact>> {
    const personIds = [...persons.keys()];
    const together = personIds.length > 1 ? await this.ask('contacts', { personIds }) : undefined;
    if (together === 'unavailable') return new Map();
    if (together && together.status === OK && contactsCheck.Check(together.body)) {
      const contacts = new Map(together.body.contacts.map((one) => [one.personId, known(one)]));
      const destroyed = new Set(together.body.destroyed);
      return new Map(
        personIds.map((personId) => [
          personId,
          contacts.get(personId) ?? (destroyed.has(personId) ? 'erased' : 'unknown'),
        ]),
      );
    }
    // One alone is asked for in its own trace. One whose data cannot be opened holds up no other.
    const one = async ({ personId, inTrace }: Asked): Promise<[string, Contact]> => [
      personId,
      await inTrace(() => this.askOne(personId)),
    ];
    return new Map(await Promise.all([...persons.values()].map(one)));
  }

  private async askOne(personId: string): Promise<Contact> {
    const answer = await this.ask(`${encodeURIComponent(personId)}/contact`);
    if (answer === 'unavailable') return answer;
    const { status, body } = answer;
    if (status === NOT_FOUND)
      return (body as { code?: unknown }).code === 'PERSONAL_DATA_DESTROYED' ? 'erased' : 'unknown';
    if (status === CONFLICT) return 'unknown';
    return status === OK && contactCheck.Check(body) ? known(body) : 'unavailable';
  }

  /** Where identity cannot be asked just now, the notice waits. */
  private async ask(
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: unknown } | 'unavailable'> {
    const { url, tokens, timeoutMs, fetch = globalThis.fetch } = this.options;
    try {
      const response = await fetch(`${url}/identity/persons/${path}`, {
        ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
        headers: {
          ...visitHeaders(),
          authorization: tokens.authorization('identity'),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, body: (await response.json()) as unknown };
    } catch {
      return 'unavailable';
    }
  }
}

import { createHash } from 'node:crypto';
import { type Clock, DomainError } from '@caretab/kernel';
import { overloaded } from '../admission/admission';

/** So long an answer stands in for one that cannot be had. */
export const REMEMBERED_MS = 60_000;
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
export class Remembered<Answer> {
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

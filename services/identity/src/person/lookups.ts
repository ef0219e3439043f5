import { AsyncLocalStorage } from 'node:async_hooks';
import type { Store } from '@caretab/store';
import { type ErasureStatus, erasureTable } from '../erasure/erasure.table';
import { type CardRow, cardTable } from '../card/card.table';
import { identifierTable, type IdentifierRow } from './person.table';

/** Questions that one read answers. */
const BATCH_MAX = 500;
/** Who is being erased opens no new visit. */
const LEAVING: readonly ErasureStatus[] = ['closing', 'destroying'];

/** Whose a credential is, and the card that has it, where it is no ID number. */
export interface Found {
  readonly personId: string;
  /** The person, or who survives a merge of them. */
  readonly survivorId: string;
  readonly card?: CardRow | undefined;
}

interface Question {
  readonly blindIndex: string;
  readonly answer: (found: Found | undefined) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Finds persons by the indexes of their credentials. Questions of one turn of the event loop are
 * answered by one read: a crowd costs hardly more statements than one caller, who waits for no other.
 */
export class Lookups {
  private readonly questions: Question[] = [];
  /** What is read for many is no part of the trace of the one who happened to ask first. */
  private readonly outside = AsyncLocalStorage.snapshot();

  constructor(
    private readonly store: Store,
    /** When what was asked is read: at the end of the turn. */
    private readonly later: (run: () => void) => void = (run) => void setImmediate(run),
  ) {}

  /** Undefined where the index is not known, or its person is being erased. */
  find(blindIndex: string): Promise<Found | undefined> {
    return new Promise((answer, fail) => {
      this.questions.push({ blindIndex, answer, fail });
      if (this.questions.length === 1) this.later(() => this.outside(() => this.ask()));
    });
  }

  private ask(): void {
    while (this.questions.length > 0) {
      const asked = this.questions.splice(0, BATCH_MAX);
      this.read(asked.map(({ blindIndex }) => blindIndex)).then(
        (persons) => asked.forEach((one) => one.answer(persons.get(one.blindIndex))),
        (error: unknown) => asked.forEach((one) => one.fail(error)),
      );
    }
  }

  private read(blindIndexes: readonly string[]): Promise<ReadonlyMap<string, Found>> {
    return this.store.transact(async (transaction) => {
      const found = await transaction
        .rows(identifierTable)
        .find({ blindIndex: { in: blindIndexes } });
      const leaving = await transaction
        .rows(erasureTable)
        .find({ personId: { in: found.flatMap(idsIn) }, status: { in: LEAVING } });
      const gone = new Set(leaving.map(({ personId }) => personId));
      const ofCards = found.filter(({ type }) => type !== 'id-number');
      const cards =
        ofCards.length === 0
          ? []
          : await transaction
              .rows(cardTable)
              .find({ blindIndex: { in: ofCards.map(({ blindIndex }) => blindIndex) } });
      const cardOf = new Map(cards.map((card) => [card.blindIndex, card]));
      return new Map(
        found
          .filter((row) => !idsIn(row).some((id) => gone.has(id)))
          .map(({ blindIndex, personId, survivorId }) => [
            blindIndex,
            { personId, survivorId: survivorId ?? personId, card: cardOf.get(blindIndex) },
          ]),
      );
    });
  }
}

const idsIn = ({ personId, survivorId }: IdentifierRow): string[] =>
  survivorId === null ? [personId] : [personId, survivorId];

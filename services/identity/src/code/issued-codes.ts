import { createHash } from 'node:crypto';
import { type Clock, DomainError } from '@caretab/kernel';
import type { CodeSigner, Randomness } from '@caretab/security';
import { staticCode } from '@caretab/security';
import type { Store, Transaction } from '@caretab/store';
import { assertValid, LASTING } from '../card/card';
import type { CardRows } from '../card/card-rows';
import { cardTable, type CardRow } from '../card/card.table';
import { personKeyTable } from '../person/person.table';
import type { Persons } from '../person/persons';
import { codeTable } from './code.table';

/** A dynamic code is good for so long. */
export const CODE_MS = 60_000;
/** A front node that was offline shows what it read within so long. */
export const KEPT_MS = 7 * 24 * 60 * 60_000;
/** Codes of one person that are good at the same time. */
const LIVE_MAX = 10;
const CARD_BYTES = 32;
const NONCE_BYTES = 16;
const PRUNED_MAX = 1_000;

export const nonceHashOf = (nonce: string): string =>
  createHash('sha256').update(nonce).digest('hex');

/** Codes of our own: a citizen's card in the application, shown as a static or a dynamic code. */
export class IssuedCodes {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly persons: Persons;
      readonly rows: CardRows;
      readonly randomness: Randomness;
      readonly signer: () => CodeSigner;
    },
  ) {}

  /** By which codes end. */
  get now(): Date {
    return this.parts.clock.now();
  }

  /** The key by which others verify. */
  get key(): CodeSigner['key'] {
    return this.parts.signer().key;
  }

  /**
   * Makes a code of the citizen who asks. Throws PERSON_UNKNOWN, PERSONAL_DATA_DESTROYED (not-found),
   * ERASURE_UNDER_WAY (conflict), CARD_NOT_VALID, PERSON_DIED (forbidden: the card in the application
   * was lost or frozen), CODES_TOO_MANY (overloaded).
   */
  issue(
    personId: string,
    { kind, application, by }: { kind: 'dynamic' | 'static'; application: string; by: string },
  ): Promise<{ readonly code: string; readonly expiresAt?: Date }> {
    const { store, clock, persons, rows, randomness, signer } = this.parts;
    return store.transact(async (transaction) => {
      await persons.read(transaction, personId, 'wait');
      await persons.assertNotErased(transaction, personId);
      const card = await this.cardOf(transaction, personId, by);
      assertValid(card.status, card.frozenByDeath);
      const key = await transaction.rows(personKeyTable).get({ personId });
      const cardNumber = rows.numberOf(card, key!.wrapped);
      if (kind === 'static') return { code: staticCode(cardNumber) };
      const issuedAt = clock.now();
      const expiresAt = new Date(Math.floor((issuedAt.getTime() + CODE_MS) / 1_000) * 1_000);
      const issued = transaction.rows(codeTable);
      if ((await issued.count({ personId, expiresAt: { gt: issuedAt } })) >= LIVE_MAX)
        throw new DomainError('CODES_TOO_MANY', 'overloaded', {
          why: 'too many codes of this person are good at the same time',
          remedy: 'show one of them, or wait a minute',
          retryAfterSeconds: CODE_MS / 1_000,
        });
      const nonce = randomness(NONCE_BYTES).toString('hex');
      await issued.insert({
        ...{ nonceHash: nonceHashOf(nonce), cardId: card.cardId, personId, issuedAt, expiresAt },
        ...{ usedAt: null, usedBy: null, usedFor: null },
      });
      return { code: signer().dynamic({ cardNumber, nonce, application, expiresAt }), expiresAt };
    });
  }

  /** Forgets codes that no front node can show any more. How many. */
  async prune(): Promise<number> {
    const { store, clock } = this.parts;
    const until = new Date(clock.now().getTime() - KEPT_MS);
    return store.transact(async (transaction) => {
      const old = await transaction
        .rows(codeTable)
        .find({ issuedAt: { lte: until } }, { orderBy: 'issuedAt', countMax: PRUNED_MAX });
      const nonceHash = { in: old.map((row) => row.nonceHash) };
      if (old.length > 0) await transaction.rows(codeTable).delete({ nonceHash });
      return old.length;
    });
  }

  /** The card in the application; made where there is none, or the last one ended. */
  private async cardOf(transaction: Transaction, personId: string, by: string): Promise<CardRow> {
    const [known] = await transaction
      .rows(cardTable)
      .find({ personId, mode: 'application', status: { in: LASTING } }, { countMax: 1 });
    if (known) return known;
    const number = this.parts.randomness(CARD_BYTES).toString('hex');
    const card = await this.parts.rows.add(transaction, {
      ...{ personId, medium: 'code', number, mode: 'application', status: 'active', by },
    });
    return card!;
  }
}

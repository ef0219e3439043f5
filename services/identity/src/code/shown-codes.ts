import { type Clock, DomainError } from '@caretab/kernel';
import { maskMobile, readCode, type ReadCode } from '@caretab/security';
import type { Store, Transaction } from '@caretab/store';
import { assertValid } from '../card/card';
import { cardTable, type CardRow } from '../card/card.table';
import type { Persons } from '../person/persons';
import { type CodeRow, codeTable, codeTriesTable } from './code.table';
import { KEPT_MS, nonceHashOf } from './issued-codes';

/** How a code is shown, and by whom. */
export interface Shown {
  readonly by: string;
  /** What it is shown for; the same again is the same. */
  readonly use?: string | undefined;
  /** When a front node read it, that was offline. */
  readonly readAt?: Date | undefined;
  /** Of a static code: the last four digits of the mobile number. */
  readonly mobileEnd?: string | undefined;
}

type Dynamic = Extract<ReadCode, { kind: 'dynamic' }>;

const TRIES_MAX = 5;
const TRIES_MS = 60 * 60_000;
/** A node's clock may be so far from ours. */
const CLOCK_MS = 30_000;

/** Whose a code is that a citizen shows. Each dynamic one leads to its person once. */
export class ShownCodes {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly persons: Persons;
    },
  ) {}

  /**
   * Throws PERSON_UNKNOWN (not-found), CODE_USED, CODE_EXPIRED, SECOND_FACTOR_NEEDED,
   * SECOND_FACTOR_WRONG, CARD_NOT_VALID, CARD_REPLACED (forbidden), never with the code.
   */
  async resolve(text: string, shown: Shown): Promise<string> {
    const code = readCode(text.trim());
    if (code?.kind === 'dynamic') return this.take(code, shown);
    // A number of a card that is no code of ours, as others print it, is as static.
    const value = code?.cardNumber ?? text;
    const personId = await this.parts.persons.resolve('qr', value);
    await this.checkSecond(personId, this.parts.persons.credentialIndex('code', value), shown);
    return personId;
  }

  private take(code: Dynamic, shown: Shown): Promise<string> {
    const { store, clock } = this.parts;
    return store.transact(async (transaction) => {
      const codes = transaction.rows(codeTable);
      const nonceHash = nonceHashOf(code.nonce);
      const row = await codes.get({ nonceHash }, { lock: 'wait' });
      const card = row && (await transaction.rows(cardTable).get({ cardId: row.cardId }));
      const blindIndex = this.parts.persons.credentialIndex('code', code.cardNumber);
      if (!row || card?.blindIndex !== blindIndex)
        throw new DomainError('PERSON_UNKNOWN', 'not-found', { type: 'qr' });
      await this.parts.persons.assertNotErased(transaction, row.personId);
      if (row.usedAt !== null) return this.again(row, shown);
      assertValid(card.status);
      const now = clock.now();
      assertInTime(row, shown.readAt ?? now, now);
      await codes.save({
        ...{ ...row, usedAt: now, usedBy: shown.by, usedFor: shown.use ?? null },
      });
      return row.personId;
    });
  }

  /** What was lost on its way back is asked again for the same use; anything else is a replay. */
  private again({ usedBy, usedFor, personId }: CodeRow, { by, use }: Shown): string {
    if (use !== undefined && usedBy === by && usedFor === use) return personId;
    throw new DomainError('CODE_USED', 'forbidden', {
      field: '/value',
      why: usedBy === by ? 'the code was shown here before' : 'the code was shown elsewhere',
      remedy: 'ask the person for a new code, or take the ID card',
    });
  }

  /** What was wrong counts though the answer is a refusal. */
  private async checkSecond(
    personId: string,
    blindIndex: string,
    { mobileEnd }: Shown,
  ): Promise<void> {
    if (mobileEnd === undefined)
      throw new DomainError('SECOND_FACTOR_NEEDED', 'forbidden', {
        field: '/mobileEnd',
        why: 'a static code alone does not show that the person is here',
        remedy: 'ask for the last four digits of the mobile number, or for a dynamic code',
      });
    const isRight = await this.parts.store.transact(async (transaction) => {
      const card = await transaction
        .rows(cardTable)
        .get({ blindIndex, personId }, { lock: 'wait' });
      if (!card) return false;
      return this.isRight(transaction, card, mobileEnd);
    });
    if (!isRight)
      throw new DomainError('SECOND_FACTOR_WRONG', 'forbidden', {
        field: '/mobileEnd',
        why: 'the digits are not those of the registered number, or too many were wrong in an hour',
        remedy: 'ask the person again, or take the ID card',
      });
  }

  private async isRight(
    transaction: Transaction,
    { cardId, personId }: CardRow,
    mobileEnd: string,
  ): Promise<boolean> {
    const now = this.parts.clock.now();
    const tries = transaction.rows(codeTriesTable);
    const known = await tries.get({ cardId });
    const isOver = !known || known.since.getTime() <= now.getTime() - TRIES_MS;
    const wrong = isOver ? 0 : known.wrong;
    if (wrong >= TRIES_MAX) return false;
    const { mobile } = await this.parts.persons.read(transaction, personId);
    if (maskMobile(mobile).endsWith(mobileEnd)) return true;
    await tries.save({ cardId, wrong: wrong + 1, since: isOver ? now : known.since });
    return false;
  }
}

/** Of a node that was offline: read while the code was good, and not longer ago than codes are kept. */
const assertInTime = ({ issuedAt, expiresAt }: CodeRow, readAt: Date, now: Date): void => {
  const isRead =
    readAt.getTime() >= issuedAt.getTime() - CLOCK_MS &&
    readAt.getTime() <= now.getTime() + CLOCK_MS &&
    now.getTime() - issuedAt.getTime() <= KEPT_MS;
  const lateMs = readAt < now ? CLOCK_MS : 0;
  if (isRead && readAt.getTime() < expiresAt.getTime() + lateMs) return;
  throw new DomainError('CODE_EXPIRED', 'forbidden', {
    field: '/value',
    why: 'the code was good for a minute, which is over',
    remedy: 'ask the person for a new code',
  });
};

import { type Clock, DomainError } from '@caretab/kernel';
import { readCode, type ReadCode } from '@caretab/security';
import type { Store } from '@caretab/store';
import { assertValid } from '../card/card';
import { cardTable } from '../card/card.table';
import { survivorOf } from '../merge/standing';
import type { Persons } from '../person/persons';
import { type CodeRow, codeTable } from './code.table';
import { KEPT_MS, nonceHashOf } from './issued-codes';
import { doubleUseCounter } from './metrics';
import { SecondFactor } from './second-factor';

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

/** A node's clock may be so far from ours. */
const CLOCK_MS = 30_000;

/** Whose a code is that a citizen shows. Each dynamic one leads to its person once. */
export class ShownCodes {
  private readonly second: SecondFactor;
  private readonly countTwice = doubleUseCounter();

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly persons: Persons;
    },
  ) {
    this.second = new SecondFactor(parts);
  }

  /**
   * Throws PERSON_UNKNOWN (not-found), CODE_USED, CODE_EXPIRED, SECOND_FACTOR_NEEDED,
   * SECOND_FACTOR_WRONG, CARD_NOT_VALID, CARD_REPLACED, PERSON_DIED (forbidden), never with the code.
   */
  async resolve(text: string, shown: Shown): Promise<string> {
    const code = readCode(text.trim());
    if (code?.kind === 'dynamic') return this.take(code, shown);
    // A number of a card that is no code of ours, as others print it, is as static.
    const value = code?.cardNumber ?? text;
    const { persons, store } = this.parts;
    const { personId, survivorId } = await persons.find('qr', value);
    const blindIndex = persons.credentialIndex('code', value);
    const card = await store.transact((transaction) =>
      transaction.rows(cardTable).get({ blindIndex, personId }),
    );
    await this.second.check(card?.cardId ?? blindIndex, personId, shown.mobileEnd);
    return survivorId;
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
      const survivorId = await survivorOf(transaction, row.personId);
      if (row.usedAt !== null) return this.again({ ...row, personId: survivorId }, shown);
      assertValid(card.status, card.frozenByDeath);
      const now = clock.now();
      assertInTime(row, shown.readAt ?? now, now);
      await codes.save({
        ...{ ...row, usedAt: now, usedBy: shown.by, usedFor: shown.use ?? null },
      });
      return survivorId;
    });
  }

  /** What was lost on its way back is asked again for the same use; anything else is a replay. */
  private again({ usedBy, usedFor, personId }: CodeRow, { by, use }: Shown): string {
    if (use !== undefined && usedBy === by && usedFor === use) return personId;
    this.countTwice();
    throw new DomainError('CODE_USED', 'forbidden', {
      field: '/value',
      why: usedBy === by ? 'the code was shown here before' : 'the code was shown elsewhere',
      remedy: 'ask the person for a new code, or take the ID card',
    });
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

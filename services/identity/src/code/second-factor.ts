import { type Clock, DomainError } from '@caretab/kernel';
import { maskMobile } from '@caretab/security';
import type { Store, Transaction } from '@caretab/store';
import type { Persons } from '../person/persons';
import { codeTriesTable } from './code.table';

const TRIES_MAX = 5;
const TRIES_MS = 60 * 60_000;

/** What a person knows beside a code that never changes: the end of their mobile number. */
export class SecondFactor {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly persons: Persons;
    },
  ) {}

  /**
   * Tries of one code, `of`, are counted together; what was wrong counts though the answer is a refusal.
   * Throws SECOND_FACTOR_NEEDED, SECOND_FACTOR_WRONG (forbidden).
   */
  async check(of: string, personId: string, mobileEnd: string | undefined): Promise<void> {
    if (mobileEnd === undefined)
      throw new DomainError('SECOND_FACTOR_NEEDED', 'forbidden', {
        field: '/mobileEnd',
        why: 'a static code alone does not show that the person is here',
        remedy: 'ask for the last four digits of the mobile number, or for a dynamic code',
      });
    const isRight = await this.parts.store.transact((transaction) =>
      this.isRight(transaction, of, personId, mobileEnd),
    );
    if (!isRight)
      throw new DomainError('SECOND_FACTOR_WRONG', 'forbidden', {
        field: '/mobileEnd',
        why: 'the digits are not those of the registered number, or too many were wrong in an hour',
        remedy: 'ask the person again, or take the ID card',
      });
  }

  private async isRight(
    transaction: Transaction,
    cardId: string,
    personId: string,
    mobileEnd: string,
  ): Promise<boolean> {
    const now = this.parts.clock.now();
    const tries = transaction.rows(codeTriesTable);
    await tries.insertIfAbsent({ cardId, wrong: 0, since: now });
    const known = await tries.get({ cardId }, { lock: 'wait' });
    const isOver = !known || known.since.getTime() <= now.getTime() - TRIES_MS;
    const wrong = isOver ? 0 : known.wrong;
    if (wrong >= TRIES_MAX) return false;
    const { mobile } = await this.parts.persons.read(transaction, personId);
    if (maskMobile(mobile).endsWith(mobileEnd)) return true;
    await tries.save({ cardId, wrong: wrong + 1, since: wrong === 0 ? now : known!.since });
    return false;
  }
}

import type { CardMedium } from '@caretab/contracts';
import { ageOn, assert, type Clock, DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { erasureTable, UNDER_WAY } from '../erasure/erasure.table';
import { type HeldPerson, holdPersons, opened } from '../person/opened';
import type { PersonalData } from '../person/personal-data';
import type { Vault } from '../person/vault';
import { CHILD_YEARS, LASTING } from './card';
import { type Added, type CardRows, dayOf, type NewCard } from './card-rows';
import { cardTable, type CardRow } from './card.table';

/** Cards that a person may have. */
export const CARDS_MAX = 50;

export interface Issue {
  readonly medium: CardMedium;
  readonly number: string;
  readonly child?: boolean | undefined;
  readonly mode: 'bank-counter' | 'kiosk' | 'batch' | 'platform';
  readonly by: string;
  readonly institutionId?: string | undefined;
  readonly region?: string | undefined;
  readonly office?: string | undefined;
  readonly batchId?: string | undefined;
}

export interface Issued {
  readonly card: CardRow;
  readonly created: boolean;
}

export interface Asked {
  readonly personId: string;
  readonly issue: Issue;
  /** The holder's name as it is said, where that has to be the registered one. */
  readonly check?: ((known: PersonalData) => void) | undefined;
}

/** Issues cards, one or many at once by the same rules. */
export class CardIssues {
  constructor(
    private readonly parts: {
      readonly clock: Clock;
      readonly vault: Vault;
      readonly rows: CardRows;
    },
  ) {}

  /**
   * Issues cards to persons: no two of one person or of one number. The same number again is the same
   * card. In place of one that cannot be issued stands why: PERSON_UNKNOWN, PERSONAL_DATA_DESTROYED
   * (not-found), CREDENTIAL_INVALID, CHILD_CARD_AGE (invalid), CREDENTIAL_CONFLICT, CARD_CONFLICT
   * (another one of this medium that did not end), ERASURE_UNDER_WAY, PERSON_DIED (conflict), and
   * what `check` throws.
   */
  async issueAll(
    transaction: Transaction,
    asked: readonly Asked[],
  ): Promise<(Issued | DomainError)[]> {
    const ids = asked.map(({ personId }) => personId);
    const persons = await holdPersons(transaction, ids);
    const personId = { in: [...persons.keys()] };
    const leaving = await transaction
      .rows(erasureTable)
      .find({ personId, status: { in: UNDER_WAY } });
    const erased = new Set(leaving.map((row) => row.personId));
    const wanted = asked.map((one) => this.wanted(one, persons.get(one.personId), erased));
    const lasting = await transaction
      .rows(cardTable)
      .group({ personId, status: { in: LASTING } }, { by: ['personId', 'medium'] });
    const added = await this.parts.rows.addAll(
      transaction,
      wanted.flatMap((one) => (one instanceof DomainError ? [] : [one])),
      ({ personId: of, medium }) => {
        const own = lasting.filter(({ values }) => values.personId === of);
        if (medium !== 'code' && own.some(({ values }) => values.medium === medium))
          return conflict('/medium', 'the person has such a card', 'replace that one, or close it');
        const count = own.reduce((sum, group) => sum + group.count, 0);
        return count < CARDS_MAX
          ? undefined
          : conflict('/number', 'the person has too many codes', 'close some of them first');
      },
    );
    return this.outcomes(transaction, wanted, added);
  }

  /** As `issueAll`, of one. Throws why it cannot be issued. */
  async issue(transaction: Transaction, personId: string, issue: Issue): Promise<Issued> {
    const [issued] = await this.issueAll(transaction, [{ personId, issue }]);
    if (issued instanceof DomainError) throw issued;
    return issued!;
  }

  private wanted(
    { personId, issue, check }: Asked,
    held: HeldPerson | undefined,
    erased: ReadonlySet<string>,
  ): NewCard | DomainError {
    const { mode, child } = issue;
    try {
      if (!held) throw new DomainError('PERSON_UNKNOWN', 'not-found', { personId });
      const data = opened(this.parts.vault, held.row, held.key);
      check?.(data);
      if (erased.has(personId)) throw new DomainError('ERASURE_UNDER_WAY', 'conflict', ERASED);
      if (child && ageOn(data.birthDate, dayOf(this.parts.clock)) >= CHILD_YEARS)
        throw new DomainError('CHILD_CARD_AGE', 'invalid', { field: '/child' });
      const status = mode === 'batch' ? 'issued' : 'active';
      return { ...issue, personId, status, child: child ? data : undefined };
    } catch (error) {
      if (error instanceof DomainError) return error;
      throw error;
    }
  }

  private async outcomes(
    transaction: Transaction,
    wanted: readonly (NewCard | DomainError)[],
    added: readonly Added[],
  ): Promise<(Issued | DomainError)[]> {
    const known = new Map<string, CardRow>();
    const numbers = wanted.flatMap((one) =>
      one instanceof DomainError ? [] : [this.parts.rows.indexOf(one)],
    );
    if (added.includes('known'))
      for (const card of await transaction.rows(cardTable).find({ blindIndex: { in: numbers } }))
        known.set(card.blindIndex, card);
    let at = 0;
    return wanted.map((one) => {
      if (one instanceof DomainError) return one;
      const outcome = added[at++]!;
      if (outcome !== 'known')
        return outcome instanceof DomainError ? outcome : { card: outcome, created: true };
      const card = known.get(this.parts.rows.indexOf(one));
      assert(card, 'an identifier that is no ID number has a card');
      return { card, created: false };
    });
  }
}

const ERASED = {
  why: 'the person is being erased',
  remedy: 'wait until the erasure is done or refused',
};

const conflict = (field: string, why: string, remedy: string): DomainError =>
  new DomainError('CARD_CONFLICT', 'conflict', { field, why, remedy });

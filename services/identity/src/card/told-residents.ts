import type { CardFileRowOf } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { assertAlive } from '../death/standing';
import { erasedPersonTable } from '../erasure/erasure.table';
import {
  assertSameName,
  type PersonalData,
  readRegistration,
  updated,
} from '../person/personal-data';
import { identifierTable } from '../person/person.table';
import type { Persons } from '../person/persons';
import type { Vault } from '../person/vault';
import { type CardAsker, isWithinScope } from './card-scope';
import { cardTable } from './card.table';

type Resident = CardFileRowOf<'residents'>;
export type Told = 'registered' | 'changed' | 'unchanged';
export interface ToldOf {
  readonly told: Told;
  readonly personId: string;
}

/** Of one person: more than a person may have. */
const CARDS_MAX = 200;

/** What card platforms say of residents. It registers whom no one knows, and overwrites nothing. */
export class ToldResidents {
  constructor(
    private readonly parts: {
      readonly persons: Persons;
      readonly vault: Pick<Vault, 'registryIndexOf'>;
    },
  ) {}

  /** In the order of their indexes: two files of the same persons never wait in a circle. */
  async tellAll(
    transaction: Transaction,
    residents: readonly Resident[],
    asker: CardAsker,
  ): Promise<(DomainError | undefined)[]> {
    const read = residents.map((resident) => this.read(resident));
    const outcomes = new Map<number, DomainError>();
    const ordered = read
      .map((one, at) => ({ one, at }))
      .sort((a, b) => compare(this.indexIn(a.one), this.indexIn(b.one)));
    for (const { one, at } of ordered) {
      const outcome =
        one instanceof DomainError
          ? one
          : await this.tell(transaction, residents[at]!, asker).catch(faultOf);
      if (outcome instanceof DomainError) outcomes.set(at, outcome);
    }
    return residents.map((_, at) => outcomes.get(at));
  }

  /**
   * Throws, before anything is written, NAME_INVALID, ID_NUMBER_INVALID, MOBILE_INVALID, EMAIL_INVALID
   * (invalid), PERSON_CONFLICT (conflict: another name or mobile number is registered),
   * PERSONAL_DATA_DESTROYED (not-found: erased, as the person wanted), CARD_UNKNOWN (not-found: none is the asker's),
   * ERASURE_UNDER_WAY, PERSON_DIED (conflict).
   */
  async tell(transaction: Transaction, resident: Resident, asker: CardAsker): Promise<ToldOf> {
    const { persons } = this.parts;
    const data = readRegistration(resident, persons.today());
    const blindIndex = persons.idNumberIndex(data.idNumber);
    const known = await transaction.rows(identifierTable).get({ blindIndex });
    if (!known) {
      const registryIndex = this.parts.vault.registryIndexOf(data.idNumber);
      if (await transaction.rows(erasedPersonTable).get({ registryIndex })) throw erased();
      const { personId } = await persons.registerWithin(transaction, resident);
      return { told: 'registered', personId };
    }
    const { personId } = known;
    const before = await persons.read(transaction, personId, 'wait');
    assertSameName(before, data.name);
    if (before.mobile !== data.mobile) throw otherMobile();
    if (!updated(before, data)) return { told: 'unchanged', personId };
    await persons.assertNotErased(transaction, personId);
    await assertAlive(transaction, personId);
    await this.assertOwn(transaction, personId, asker);
    await persons.registerWithin(transaction, resident);
    return { told: 'changed', personId };
  }

  private read(resident: Resident): PersonalData | DomainError {
    try {
      return readRegistration(resident, this.parts.persons.today());
    } catch (error) {
      return faultOf(error);
    }
  }

  private indexIn(one: PersonalData | DomainError): string {
    return one instanceof DomainError ? '' : this.parts.persons.idNumberIndex(one.idNumber);
  }

  /** How someone is written to is changed by whose card they hold. */
  private async assertOwn(
    transaction: Transaction,
    personId: string,
    { scope }: CardAsker,
  ): Promise<void> {
    const cards = await transaction.rows(cardTable).find({ personId }, { countMax: CARDS_MAX });
    if (Object.keys(scope).length === 0 || cards.some((card) => isWithinScope(scope, card))) return;
    throw new DomainError('CARD_UNKNOWN', 'not-found', {
      field: '/idNumber',
      why: 'the person holds no card of yours',
      remedy: 'issue the card first, or let the person change it',
    });
  }
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

const faultOf = (error: unknown): DomainError => {
  if (error instanceof DomainError) return error;
  throw error;
};

const otherMobile = (): DomainError =>
  new DomainError('PERSON_CONFLICT', 'conflict', {
    field: '/mobile',
    why: 'another mobile number is registered',
    remedy: 'leave the row out: the person proves a new number by a code',
  });

const erased = (): DomainError =>
  new DomainError('PERSONAL_DATA_DESTROYED', 'not-found', {
    field: '/idNumber',
    why: 'the person’s data was erased',
    remedy: 'leave the row out: the person alone registers again',
  });

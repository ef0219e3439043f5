import {
  businessDateOf,
  type Consent,
  type ConsentAnswer,
  type ConsentPurpose,
  type ConsentText,
} from '@caretab/contracts';
import { type Clock, DomainError, type Ids } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { consentTable, type ConsentRow } from './consent.table';
import { textsOn } from './consent-texts';

/** Whose consent, by whom, where, and what proves it. */
export type Agreed = Pick<
  ConsentRow,
  'personId' | 'byPersonId' | 'channel' | 'institutionId' | 'operator' | 'evidence'
>;

/** Consents as evidence: rows that are only ever added. What is in force is the last of each purpose. */
export class Consents {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly ids: Ids;
    },
  ) {}

  /** What is asked for today, in both languages. */
  texts(): readonly ConsentText[] {
    return textsOn(businessDateOf(this.parts.clock.now().toISOString()));
  }

  /**
   * Keeps what was agreed to, by the hashes of the texts that were shown; what is in force already is
   * not kept twice. The caller holds the person's row. Throws CONSENT_TEXT_OTHER (conflict): a hash is
   * of no text that is asked for today.
   */
  async give(
    transaction: Transaction,
    agreed: Agreed,
    answers: readonly ConsentAnswer[],
  ): Promise<ReadonlySet<ConsentPurpose>> {
    const texts = this.texts();
    const inForce = new Set(await this.inForce(transaction, agreed.personId));
    const at = this.parts.clock.now();
    for (const { purpose, hash } of answers) {
      const text = texts.find((one) => one.purpose === purpose && one.hash === hash);
      if (!text) throw new DomainError('CONSENT_TEXT_OTHER', 'conflict', { purpose });
      if (inForce.has(purpose)) continue;
      inForce.add(purpose);
      const { version, language } = text;
      const consentId = `c-${this.parts.ids.next()}`;
      await transaction
        .rows(consentTable)
        .insert({ ...agreed, consentId, purpose, given: true, version, language, hash, at });
    }
    return inForce;
  }

  /** Whether all that the service needs is in force. */
  isEnough(inForce: ReadonlySet<ConsentPurpose>): boolean {
    return this.texts().every(({ purpose, required }) => !required || inForce.has(purpose));
  }

  async inForce(transaction: Transaction, personId: string): Promise<readonly ConsentPurpose[]> {
    const last = new Map<ConsentPurpose, boolean>();
    for (const { purpose, given } of await this.rows(transaction, personId))
      if (!last.has(purpose)) last.set(purpose, given);
    return [...last].flatMap(([purpose, given]) => (given ? [purpose] : []));
  }

  /** The evidence, the latest first. */
  show(personId: string): Promise<{
    readonly inForce: ConsentPurpose[];
    readonly consents: Consent[];
  }> {
    return this.parts.store.transact(async (transaction) => ({
      inForce: [...(await this.inForce(transaction, personId))],
      consents: (await this.rows(transaction, personId)).map(shown),
    }));
  }

  private rows(transaction: Transaction, personId: string): Promise<ConsentRow[]> {
    return transaction
      .rows(consentTable)
      .find({ personId }, { orderBy: 'at', descending: true, countMax: ROWS_SHOWN });
  }
}

/** Of one person; beyond, only the latest count. */
const ROWS_SHOWN = 500;

const shown = (row: ConsentRow): Consent => {
  const { consentId, purpose, given, version, language, hash, channel, evidence, at } = row;
  return {
    ...{ consentId, purpose, given, version, language, hash, channel, evidence, at },
    ...(row.byPersonId !== row.personId && { byPersonId: row.byPersonId }),
    ...(row.institutionId !== null && { institutionId: row.institutionId }),
  };
};

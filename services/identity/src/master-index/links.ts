import { type Clock, DomainError, type Ids } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { IndexPersons } from './index-persons';
import { matchCaseTable } from './match-case.table';
import {
  matchKeyTable,
  recordLinkTable,
  type RecordLinkRow,
  type SourceRecordRow,
  sourceRecordTable,
} from './source-record.table';

/** Who says so, and why: a rule says it by itself. */
export type Said = Pick<RecordLinkRow, 'by' | 'why' | 'linkedBy' | 'approvedBy'>;
export const bySelf = (rule: string): Said => ({
  ...{ by: rule, why: null, linkedBy: null, approvedBy: null },
});

/**
 * Moves records from one person to another, and back. What was sealed for the one is sealed for the
 * other; the link says who moved which, so that the way back is exact. The caller holds both persons.
 */
export class Links {
  constructor(
    private readonly parts: {
      readonly clock: Clock;
      readonly ids: Ids;
      readonly persons: IndexPersons;
    },
  ) {}

  /** Moves all records of a person who has no registration of their own. */
  async move(
    transaction: Transaction,
    records: readonly SourceRecordRow[],
    toPersonId: string,
    said: Said,
  ): Promise<string> {
    const linkId = `l-${this.parts.ids.next()}`;
    const linkedAt = this.parts.clock.now();
    for (const record of records) {
      await transaction.rows(recordLinkTable).insert({
        ...{ linkId, recordId: record.recordId, fromPersonId: record.personId, toPersonId },
        ...{ ...said, linkedAt, undoneAt: null, undoneBy: null, undoneWhy: null },
      });
      const linkedBy = said.by === 'review' ? 'review' : 'rule';
      await this.put(transaction, record, toPersonId, linkedBy);
    }
    await this.overtake(transaction, records);
    return linkId;
  }

  /**
   * Takes one record of a link back to where it came from. Throws RECORD_LINK_SUPERSEDED (conflict)
   * where it went on since.
   */
  async back(
    transaction: Transaction,
    link: RecordLinkRow,
    said: { readonly undoneBy: string | null; readonly undoneWhy: string },
  ): Promise<void> {
    const { linkId, recordId, fromPersonId, toPersonId } = link;
    const rows = transaction.rows(sourceRecordTable);
    const record = await rows.get({ recordId }, { lock: 'wait' });
    if (record?.personId !== toPersonId)
      throw new DomainError('RECORD_LINK_SUPERSEDED', 'conflict', { linkId });
    const undoneAt = this.parts.clock.now();
    await transaction.rows(recordLinkTable).update({ linkId, recordId }, { undoneAt, ...said });
    const earlier = await this.latest(transaction, recordId, linkId);
    const linkedBy = earlier ? (earlier.by === 'review' ? 'review' : 'rule') : 'none';
    await this.put(transaction, record, fromPersonId, linkedBy);
  }

  /** The link by which a record came to where it is. */
  async latest(
    transaction: Transaction,
    recordId: string,
    except?: string,
  ): Promise<RecordLinkRow | undefined> {
    const links = await transaction
      .rows(recordLinkTable)
      .find({ recordId, undoneAt: null }, { orderBy: 'linkedAt', descending: true, countMax: 100 });
    return links.find(({ linkId }) => linkId !== except);
  }

  private async put(
    transaction: Transaction,
    record: SourceRecordRow,
    personId: string,
    linkedBy: SourceRecordRow['linkedBy'],
  ): Promise<void> {
    const { recordId } = record;
    const content = await this.parts.persons.contentOf(transaction, record);
    const sealed = await this.parts.persons.seal(transaction, { personId, recordId }, content);
    await transaction
      .rows(sourceRecordTable)
      .save({ ...record, personId, sealed, linkedBy, matchedAt: null });
    await transaction.rows(matchKeyTable).update({ holderId: recordId }, { personId });
  }

  /** What was proposed of a record that moved, or of a person who has none left, is asked again. */
  private async overtake(
    transaction: Transaction,
    records: readonly SourceRecordRow[],
  ): Promise<void> {
    const cases = transaction.rows(matchCaseTable);
    const decidedAt = this.parts.clock.now();
    const over = { status: 'overtaken', decidedAt } as const;
    const left = [...new Set(records.map(({ personId }) => personId))];
    const orphans = await cases.find({ personId: { in: left }, status: 'open' });
    await cases.update({ personId: { in: left }, status: 'open' }, over);
    await cases.update(
      { recordId: { in: records.map(({ recordId }) => recordId) }, status: 'open' },
      over,
    );
    const again = orphans.map(({ recordId }) => recordId);
    await transaction
      .rows(sourceRecordTable)
      .update({ recordId: { in: again } }, { matchedAt: null });
  }
}

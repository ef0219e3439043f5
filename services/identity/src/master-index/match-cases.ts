import { type Clock, DomainError, type Ids } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { personTable } from '../person/person.table';
import type { IndexPersons } from './index-persons';
import type { Links } from './links';
import { matchCaseTable, type MatchCaseRow } from './match-case.table';
import { recordLinkTable, sourceRecordTable } from './source-record.table';

const RECORDS_MAX = 100;

/** The other side, where it is a person's own registration. */
const sideOf = ({ recordId: personId }: MatchCaseRow) => ({ personId });

/** Who decides, and why; what joins or parts records needs another person too. */
export interface Decision {
  readonly why: string;
  readonly by: string;
  readonly approvedBy?: string | undefined;
}

/** The queue of what is similar, what people decide of it, and how that is taken back. */
export class MatchCases {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly ids: Ids;
      readonly persons: IndexPersons;
      readonly links: Links;
    },
  ) {}

  /**
   * Decides a case. `same` moves the records of the one to the other, and needs an approval;
   * `different` is remembered, and no rule overrules it. Throws MATCH_CASE_UNKNOWN (not-found),
   * MATCH_CASE_DECIDED, APPROVAL_NEEDED, ERASURE_UNDER_WAY, MERGE_NEEDED (conflict: both registered).
   */
  decide(
    { personId, caseId }: { readonly personId: string; readonly caseId: string },
    decision: 'same' | 'different',
    said: Decision,
  ): Promise<{ readonly linkId?: string }> {
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(matchCaseTable);
      const found = await rows.get({ caseId, personId }, { lock: 'wait' });
      if (!found) throw new DomainError('MATCH_CASE_UNKNOWN', 'not-found', { caseId });
      if (found.status !== 'open')
        throw new DomainError('MATCH_CASE_DECIDED', 'conflict', { caseId, status: found.status });
      if (decision === 'same' && (await transaction.rows(personTable).get(sideOf(found))))
        throw new DomainError('MERGE_NEEDED', 'conflict', { caseId, personId });
      if (decision === 'same' && said.approvedBy === undefined)
        throw new DomainError('APPROVAL_NEEDED', 'conflict', { caseId });
      const linkId = decision === 'same' ? await this.join(transaction, found, said) : undefined;
      await rows.save({
        ...{ ...found, status: decision, why: said.why, decidedBy: said.by },
        ...{ approvedBy: said.approvedBy ?? null, decidedAt: this.parts.clock.now() },
      });
      return linkId === undefined ? {} : { linkId };
    });
  }

  /**
   * Takes a link back: each record goes where it came from, and is not linked there again by a rule.
   * Throws RECORD_LINK_UNKNOWN (not-found), RECORD_LINK_SUPERSEDED, ERASURE_UNDER_WAY (conflict).
   */
  undo(personId: string, linkId: string, { why, by, approvedBy }: Decision): Promise<void> {
    return this.parts.store.transact(async (transaction) => {
      const links = await transaction
        .rows(recordLinkTable)
        .find({ linkId, toPersonId: personId, undoneAt: null }, { lock: 'wait' });
      if (links.length === 0) throw new DomainError('RECORD_LINK_UNKNOWN', 'not-found', { linkId });
      await this.held(transaction, personId);
      for (const link of links) {
        await this.held(transaction, link.fromPersonId);
        await this.parts.links.back(transaction, link, { undoneBy: by, undoneWhy: why });
        await this.part(transaction, link.recordId, { personId, why, by, approvedBy });
      }
    });
  }

  private async join(
    transaction: Transaction,
    found: MatchCaseRow,
    said: Decision,
  ): Promise<string> {
    const { recordId, personId } = found;
    const record = await transaction.rows(sourceRecordTable).get({ recordId });
    const from = record && (await this.held(transaction, record.personId));
    await this.held(transaction, personId);
    // A record of someone who registered is no longer asked about: merging two such is another thing.
    if (!from || from.sealed)
      throw new DomainError('MATCH_CASE_DECIDED', 'conflict', { caseId: found.caseId });
    const records = await transaction
      .rows(sourceRecordTable)
      .find({ personId: from.personId }, { lock: 'wait', countMax: RECORDS_MAX });
    return this.parts.links.move(transaction, records, personId, {
      ...{ by: 'review', why: said.why, linkedBy: said.by, approvedBy: said.approvedBy ?? null },
    });
  }

  /** That a record is not of a person, whatever a rule says later. */
  private async part(
    transaction: Transaction,
    recordId: string,
    { personId, why, by, approvedBy }: Decision & { readonly personId: string },
  ): Promise<void> {
    const rows = transaction.rows(matchCaseTable);
    const known = await rows.get({ recordId, personId }, { lock: 'wait' });
    const now = this.parts.clock.now();
    const fresh = {
      ...{ caseId: `mc-${this.parts.ids.next()}`, recordId, personId, openedAt: now },
      ...{ centibits: 0, likely: false, evidence: [] },
    };
    await rows.save({
      ...{ ...(known ?? fresh), status: 'different', why, decidedBy: by },
      ...{ approvedBy: approvedBy ?? null, decidedAt: now },
    });
  }

  private async held(transaction: Transaction, personId: string) {
    const person = await this.parts.persons.hold(transaction, personId);
    if (!person) throw new DomainError('ERASURE_UNDER_WAY', 'conflict', { personId });
    return person;
  }
}

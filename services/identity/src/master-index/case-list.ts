import { DomainError } from '@caretab/kernel';
import { maskIdNumber, maskMobile, maskName } from '@caretab/security';
import type { Store, Transaction } from '@caretab/store';
import type { Persons } from '../person/persons';
import type { Demographics } from './demographics';
import type { IndexPersons } from './index-persons';
import { matchCaseTable, type MatchCaseRow, type MatchCaseStatus } from './match-case.table';
import { type Domain, domainIn } from './source-records';
import { sourceRecordTable } from './source-record.table';

const PAGE_ROWS = 100;
const SIDES_MAX = 10;
const REGISTRATION: Domain = { kind: 'registration', authority: 'CARETAB' };

export interface ShownCase extends Pick<
  MatchCaseRow,
  'caseId' | 'recordId' | 'personId' | 'status' | 'likely' | 'openedAt'
> {
  readonly domain: Domain;
  readonly recordPersonId: string;
  readonly bits: number;
  readonly evidence: MatchCaseRow['evidence'];
  readonly decidedAt?: Date;
  readonly decidedBy?: string;
  readonly why?: string;
}

/** One side of a case, masked. */
export interface Side {
  readonly source: string;
  readonly name?: string;
  readonly idNumber?: string;
  readonly mobile?: string;
  readonly birthYear?: string;
  readonly sex?: 'male' | 'female';
}

const sideOf = (source: string, of: Demographics): Side => ({
  source,
  ...(of.name !== undefined && { name: maskName(of.name) }),
  ...(of.idNumber !== undefined && { idNumber: maskIdNumber(of.idNumber) }),
  ...(of.mobile !== undefined && { mobile: maskMobile(of.mobile) }),
  ...(of.birthDate !== undefined && { birthYear: of.birthDate.slice(0, 4) }),
  ...(of.sex !== undefined && { sex: of.sex }),
});

/** Throws REQUEST_INVALID (invalid). */
const behind = (text: string | undefined): Partial<MatchCaseRow> | undefined => {
  if (text === undefined) return undefined;
  const [at = '', caseId] = text.split(' ');
  const openedAt = new Date(at);
  if (caseId === undefined || Number.isNaN(openedAt.getTime()))
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      faults: [{ field: '/after', why: 'is no `next` of a page' }],
    });
  return { openedAt, caseId };
};

/** What reviewers read: the queue without a value, and one case masked. */
export class CaseList {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly persons: IndexPersons;
      readonly registered: Persons;
    },
  ) {}

  /** Those of a status, the earliest first. */
  list(
    status: MatchCaseStatus,
    after?: string,
  ): Promise<{ readonly cases: readonly ShownCase[]; readonly next?: string }> {
    return this.parts.store.transact(async (transaction) => {
      const { rows, next } = await transaction
        .rows(matchCaseTable)
        .page({ status }, { orderBy: 'openedAt', countMax: PAGE_ROWS, after: behind(after) });
      const last = rows.at(-1);
      const cases = await this.shown(transaction, rows);
      return next && last
        ? { cases, next: `${last.openedAt.toISOString()} ${last.caseId}` }
        : { cases };
    });
  }

  /** Both sides, masked. Throws MATCH_CASE_UNKNOWN (not-found). */
  show(
    personId: string,
    caseId: string,
  ): Promise<{ readonly case: ShownCase; readonly sides: readonly Side[] }> {
    return this.parts.store.transact(async (transaction) => {
      const row = await transaction.rows(matchCaseTable).get({ caseId, personId });
      const [shown] = row ? await this.shown(transaction, [row]) : [];
      if (!shown) throw new DomainError('MATCH_CASE_UNKNOWN', 'not-found', { caseId });
      const records = transaction.rows(sourceRecordTable);
      const [own, others] = [
        await records.find({ recordId: shown.recordId }),
        await records.find({ personId }, { orderBy: 'receivedAt', countMax: SIDES_MAX }),
      ];
      const sides: Side[] = [];
      for (const record of own) sides.push(await this.side(transaction, record));
      if (own.length === 0) sides.push(await this.registration(transaction, shown.recordId));
      const person = await this.parts.registered.row(transaction, personId);
      if (person.sealed) sides.push(await this.registration(transaction, personId));
      for (const record of others)
        if (record.recordId !== shown.recordId) sides.push(await this.side(transaction, record));
      return { case: shown, sides };
    });
  }

  private async registration(transaction: Transaction, personId: string): Promise<Side> {
    return sideOf(REGISTRATION.kind, await this.parts.registered.read(transaction, personId));
  }

  private async side(
    transaction: Transaction,
    record: Parameters<IndexPersons['contentOf']>[1],
  ): Promise<Side> {
    const { person } = await this.parts.persons.contentOf(transaction, record);
    return sideOf(record.domain, person);
  }

  private async shown(
    transaction: Transaction,
    rows: readonly MatchCaseRow[],
  ): Promise<readonly ShownCase[]> {
    const records = await transaction
      .rows(sourceRecordTable)
      .find({ recordId: { in: rows.map(({ recordId }) => recordId) } });
    const recordOf = new Map(records.map((record) => [record.recordId, record]));
    return rows.map(({ centibits, decidedAt, decidedBy, why, ...row }) => {
      // Without a record it is a person's own registration.
      const record = recordOf.get(row.recordId);
      const { caseId, recordId, personId, status, likely, evidence, openedAt } = row;
      return {
        ...{ caseId, recordId, personId, status, likely, evidence, openedAt },
        domain: record ? domainIn(record.domain) : REGISTRATION,
        recordPersonId: record?.personId ?? recordId,
        bits: centibits / 100,
        ...(decidedAt && { decidedAt }),
        ...(decidedBy !== null && { decidedBy }),
        ...(why !== null && { why }),
      };
    });
  }
}

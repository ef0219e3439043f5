import type { Clock, Ids } from '@caretab/kernel';
import { DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { Vault } from '../person/vault';
import type { Candidates } from './candidates';
import { type Demographics, identifierText } from './demographics';
import type { IndexPersons, RecordContent } from './index-persons';
import type { Links } from './links';
import { matchCaseTable } from './match-case.table';
import type { Matches } from './matches';
import { type SourceRecordRow, sourceRecordTable } from './source-record.table';

/** Where an identifier was given: a kind of number, and who gives it. */
export interface Domain {
  readonly kind: string;
  readonly authority: string;
}

export interface Said {
  readonly identifier: string;
  readonly recordedAt?: string;
  readonly person: Demographics;
}

export interface KnownRecord {
  readonly recordId: string;
  readonly domain: Domain;
  readonly personId: string;
  readonly linkedBy: SourceRecordRow['linkedBy'];
  readonly similar: number;
  readonly receivedAt: Date;
  readonly changedAt: Date;
}

const textOf = ({ kind, authority }: Domain): string => `${kind}:${authority}`;
export const domainIn = (text: string): Domain => {
  const at = text.indexOf(':');
  return { kind: text.slice(0, at), authority: text.slice(at + 1) };
};

/** A source registered the same identifier at the same moment; its own transaction comes first. */
class TakenMeanwhile extends Error {}

/** What source systems register: one record for each identifier of a domain. */
export class SourceRecords {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly ids: Ids;
      readonly vault: Vault;
      readonly persons: IndexPersons;
      readonly matches: Matches;
      readonly links: Links;
      readonly candidates: Candidates;
    },
  ) {}

  /**
   * Registers what a source says, or changes it; the same again changes nothing, and neither does
   * what the source recorded before what is known. Then it is compared. Throws ERASURE_UNDER_WAY
   * (conflict).
   */
  async register(
    domain: Domain,
    said: Said,
  ): Promise<{ readonly created: boolean; readonly record: KnownRecord }> {
    const put = await this.put(domain, said).catch((error: unknown) => {
      if (!(error instanceof TakenMeanwhile)) throw error;
      return this.put(domain, said);
    });
    await this.parts.matches.match(put.recordId);
    return { created: put.created, record: await this.find(domain, said.identifier) };
  }

  /** Throws SOURCE_RECORD_UNKNOWN (not-found). */
  find(domain: Domain, identifier: string): Promise<KnownRecord> {
    const identifierIndex = this.indexOf(domain, identifier);
    return this.parts.store.transact(async (transaction) => {
      const record = await transaction.rows(sourceRecordTable).get({ identifierIndex });
      if (!record) throw new DomainError('SOURCE_RECORD_UNKNOWN', 'not-found');
      return this.known(transaction, record);
    });
  }

  /** Records of a person, the earliest first, each with the link that brought it. */
  ofPerson(
    personId: string,
    countMax: number,
  ): Promise<readonly (KnownRecord & { readonly linkId?: string })[]> {
    return this.parts.store.transact(async (transaction) => {
      const records = await transaction
        .rows(sourceRecordTable)
        .find({ personId }, { orderBy: 'receivedAt', countMax });
      const known = [];
      for (const record of records) {
        const link = await this.parts.links.latest(transaction, record.recordId);
        known.push({
          ...(await this.known(transaction, record)),
          ...(link && { linkId: link.linkId }),
        });
      }
      return known;
    });
  }

  private async known(transaction: Transaction, record: SourceRecordRow): Promise<KnownRecord> {
    const { recordId, personId, linkedBy, receivedAt, changedAt } = record;
    const similar = await transaction.rows(matchCaseTable).count({ recordId, status: 'open' });
    const domain = domainIn(record.domain);
    return { recordId, domain, personId, linkedBy, similar, receivedAt, changedAt };
  }

  private indexOf(domain: Domain, identifier: string): string {
    return this.parts.vault.indexOf(
      `domain ${textOf(domain)}`,
      identifierText(domain.kind, identifier),
    );
  }

  private put(
    domain: Domain,
    said: Said,
  ): Promise<{ readonly recordId: string; readonly created: boolean }> {
    const identifierIndex = this.indexOf(domain, said.identifier);
    const content = { identifier: said.identifier, kind: domain.kind, person: said.person };
    const recordedAt = said.recordedAt === undefined ? null : new Date(said.recordedAt);
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(sourceRecordTable);
      const known = await rows.get({ identifierIndex }, { lock: 'wait' });
      if (!known) return this.create(transaction, { identifierIndex, domain, recordedAt, content });
      const { recordId } = known;
      if (await this.isNews(transaction, known, { content, recordedAt }))
        await this.change(transaction, known, { content, recordedAt });
      return { recordId, created: false };
    });
  }

  private async create(
    transaction: Transaction,
    {
      identifierIndex,
      domain,
      recordedAt,
      content,
    }: Pick<SourceRecordRow, 'identifierIndex' | 'recordedAt'> & {
      readonly domain: Domain;
      readonly content: RecordContent;
    },
  ): Promise<{ readonly recordId: string; readonly created: boolean }> {
    const { persons, ids, clock } = this.parts;
    const now = clock.now();
    const personId = await persons.begin(transaction);
    const recordId = `r-${ids.next()}`;
    const sealed = await persons.seal(transaction, { personId, recordId }, content);
    const isNew = await transaction.rows(sourceRecordTable).insertIfAbsent({
      ...{ identifierIndex, recordId, domain: textOf(domain), personId, sealed, recordedAt },
      ...{ linkedBy: 'none', receivedAt: now, changedAt: now, matchedAt: null },
    });
    if (!isNew) throw new TakenMeanwhile('another took it');
    await this.keep(transaction, { recordId, personId }, content);
    return { recordId, created: true };
  }

  private async isNews(
    transaction: Transaction,
    known: SourceRecordRow,
    { content, recordedAt }: { readonly content: RecordContent; readonly recordedAt: Date | null },
  ): Promise<boolean> {
    if (known.recordedAt && recordedAt && recordedAt < known.recordedAt) return false;
    const before = await this.parts.persons.contentOf(transaction, known);
    return JSON.stringify(before) !== JSON.stringify(content);
  }

  private async change(
    transaction: Transaction,
    known: SourceRecordRow,
    { content, recordedAt }: { readonly content: RecordContent; readonly recordedAt: Date | null },
  ): Promise<void> {
    const { persons, clock } = this.parts;
    if (!(await persons.hold(transaction, known.personId)))
      throw new DomainError('ERASURE_UNDER_WAY', 'conflict', { personId: known.personId });
    const sealed = await persons.seal(transaction, known, content);
    await transaction.rows(sourceRecordTable).save({
      ...{ ...known, sealed, changedAt: clock.now(), matchedAt: null },
      recordedAt: recordedAt ?? known.recordedAt,
    });
    await this.keep(transaction, known, content);
  }

  /** Committed before it is compared: of two at the same moment at least one finds the other. */
  private keep(
    transaction: Transaction,
    { recordId, personId }: Pick<SourceRecordRow, 'recordId' | 'personId'>,
    content: RecordContent,
  ): Promise<void> {
    const compared = this.parts.persons.comparedContent(content);
    return this.parts.candidates.keep(transaction, { holderId: recordId, personId }, compared);
  }
}

import type { Clock, Ids } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { PersonRow } from '../person/person.table';
import { personTable } from '../person/person.table';
import { type Candidates, CANDIDATES_MAX } from './candidates';
import type { Compared } from './demographics';
import type { IndexPersons } from './index-persons';
import { bySelf, type Links } from './links';
import { matchCaseTable } from './match-case.table';
import type { Comparison, Matching } from './matching';
import { type SourceRecordRow, sourceRecordTable } from './source-record.table';

/** Cases of one record: the most alike. */
const CASES_MAX = 5;
const RECORDS_MAX = 100;

interface Found {
  readonly person: PersonRow;
  readonly comparison: Comparison;
}

/**
 * Compares a record with who may be the same: a rule links by itself, what is similar goes to people.
 * Repeatable: it leaves alone what was decided.
 */
export class Matches {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly ids: Ids;
      readonly persons: IndexPersons;
      readonly candidates: Candidates;
      readonly links: Links;
      readonly matching: Matching;
    },
  ) {}

  /** Compares until nothing moves: what went back where it came from is compared from there. */
  async match(recordId: string): Promise<void> {
    while (await this.parts.store.transact((transaction) => this.once(transaction, recordId)));
  }

  /** Whether the record has to be compared again. */
  private async once(transaction: Transaction, recordId: string): Promise<boolean> {
    const { persons, candidates, clock } = this.parts;
    const rows = transaction.rows(sourceRecordTable);
    const seen = await rows.get({ recordId });
    const own = seen && (await persons.hold(transaction, seen.personId));
    const record = await rows.get({ recordId }, { lock: 'wait' });
    if (!seen || !record) return false;
    // Who is being erased is compared with no one.
    if (!own) return rows.update({ recordId }, { matchedAt: clock.now() }).then(() => false);
    if (record.personId !== own.personId) return true;
    const compared = await persons.comparedRecord(transaction, record);
    await candidates.keep(transaction, { holderId: recordId, personId: own.personId }, compared);
    if (await this.goesBack(transaction, record, own, compared)) return true;
    // Who registered has a number of their own: nothing is proposed of what is linked there.
    if (!own.sealed) await this.propose(transaction, record, own, compared);
    await rows.update({ recordId }, { matchedAt: clock.now() });
    return false;
  }

  /** A record that a rule linked goes back once its source no longer says what the rule found. */
  private async goesBack(
    transaction: Transaction,
    record: SourceRecordRow,
    own: PersonRow,
    compared: Compared,
  ): Promise<boolean> {
    if (record.linkedBy !== 'rule') return false;
    const { persons, links, matching } = this.parts;
    const others = await persons.comparedPerson(transaction, own, record.recordId);
    if (others.some((other) => matching.compare(compared, other).outcome === 'match')) return false;
    const link = await links.latest(transaction, record.recordId);
    if (!link || !(await persons.hold(transaction, link.fromPersonId))) return false;
    const undoneWhy = 'its source no longer says so';
    await links.back(transaction, link, { undoneBy: null, undoneWhy });
    return true;
  }

  private async propose(
    transaction: Transaction,
    record: SourceRecordRow,
    own: PersonRow,
    compared: Compared,
  ): Promise<void> {
    const found = await this.found(transaction, record, own, compared);
    const matches = found.filter(({ comparison }) => comparison.outcome === 'match');
    const registered = matches.filter(({ person }) => person.sealed);
    // Two registered persons who both match are a question for people.
    const certain = registered.length > 1 ? [] : registered.length === 1 ? registered : matches;
    const [first] = [...certain].sort(byAge);
    if (first && (await this.link(transaction, own, first))) return;
    const similar = found
      .filter(({ comparison }) => comparison.outcome !== 'none')
      .sort((a, b) => b.comparison.bits - a.comparison.bits)
      .slice(0, CASES_MAX);
    for (const each of similar) await this.open(transaction, record, each);
  }

  /** Who may be the same, with the comparison that agrees most; without those that people refused. */
  private async found(
    transaction: Transaction,
    record: SourceRecordRow,
    own: PersonRow,
    compared: Compared,
  ): Promise<readonly Found[]> {
    const { candidates, persons } = this.parts;
    const holders = await candidates.find(transaction, compared, record.recordId);
    const ids = [...new Set(holders.map(({ personId }) => personId))]
      .filter((personId) => personId !== own.personId)
      .slice(0, CANDIDATES_MAX);
    const refused = await transaction
      .rows(matchCaseTable)
      .find({ recordId: record.recordId, personId: { in: ids }, status: 'different' });
    const rows = await transaction.rows(personTable).find({ personId: { in: ids } });
    const found: Found[] = [];
    for (const person of rows) {
      if (person.destroyedAt || refused.some((each) => each.personId === person.personId)) continue;
      const others = await persons.comparedPerson(transaction, person);
      const comparison = this.strongest(compared, others);
      if (comparison) found.push({ person, comparison });
    }
    return found;
  }

  private strongest(compared: Compared, others: readonly Compared[]): Comparison | undefined {
    const all = others.map((other) => this.parts.matching.compare(compared, other));
    const best = (of: readonly Comparison[]): Comparison | undefined =>
      [...of].sort((a, b) => b.bits - a.bits)[0];
    const matches = all.filter(({ outcome }) => outcome === 'match');
    // What one record says and another denies is for people.
    if (matches.length > 0 && !all.some(({ contradicted }) => contradicted)) return best(matches);
    return best(
      all.map((each) => (each.outcome === 'match' ? { ...each, outcome: 'similar' } : each)),
    );
  }

  /** The younger of two goes to the older, and who never registered to who did. */
  private async link(
    transaction: Transaction,
    own: PersonRow,
    { person, comparison }: Found,
  ): Promise<boolean> {
    const { persons, links } = this.parts;
    const other = await persons.hold(transaction, person.personId);
    if (!other) return false;
    const [from, to] = other.sealed || isOlder(other, own) ? [own, other] : [other, own];
    const records = await transaction
      .rows(sourceRecordTable)
      .find({ personId: from.personId }, { lock: 'wait', countMax: RECORDS_MAX });
    for (const record of records) if (await this.isRefusedBy(transaction, record, to)) return false;
    await links.move(transaction, records, to.personId, bySelf(comparison.by!));
    return true;
  }

  /** Whether a record of the one contradicts the other, or people said that they are two. */
  private async isRefusedBy(
    transaction: Transaction,
    record: SourceRecordRow,
    { personId, ...person }: PersonRow,
  ): Promise<boolean> {
    const { persons, matching } = this.parts;
    const { recordId } = record;
    if (await transaction.rows(matchCaseTable).get({ recordId, personId, status: 'different' }))
      return true;
    const compared = await persons.comparedRecord(transaction, record);
    const others = await persons.comparedPerson(transaction, { personId, ...person });
    return others.some((other) => matching.compare(compared, other).contradicted);
  }

  private async open(
    transaction: Transaction,
    { recordId }: SourceRecordRow,
    { person: { personId }, comparison: { bits, likely, evidence } }: Found,
  ): Promise<void> {
    const cases = transaction.rows(matchCaseTable);
    const known = await cases.get({ recordId, personId }, { lock: 'wait' });
    if (known && known.status !== 'open' && known.status !== 'overtaken') return;
    await cases.save({
      caseId: known?.caseId ?? `mc-${this.parts.ids.next()}`,
      ...{ recordId, personId, status: 'open', likely, evidence },
      centibits: Math.round(bits * 100),
      openedAt: known?.status === 'open' ? known.openedAt : this.parts.clock.now(),
      ...{ decidedAt: null, decidedBy: null, approvedBy: null, why: null },
    });
  }
}

const isOlder = (one: PersonRow, other: PersonRow): boolean => {
  const apart = one.registeredAt.getTime() - other.registeredAt.getTime();
  return apart === 0 ? one.personId < other.personId : apart < 0;
};
const byAge = (a: Found, b: Found): number => (isOlder(a.person, b.person) ? -1 : 1);

import type { Clock } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { personTable } from '../person/person.table';
import type { Candidates } from './candidates';
import type { IndexPersons } from './index-persons';
import type { Matches } from './matches';
import type { Pairs } from './pairs';
import { sourceRecordTable } from './source-record.table';

const BATCH_MAX = 20;

/** Takes who registered into the index, and compares the records that wait for it. */
export class Indexing {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly persons: IndexPersons;
      readonly candidates: Candidates;
      readonly matches: Matches;
      readonly pairs: Pairs;
    },
  ) {}

  /** How many persons and records it took. */
  async runOnce(): Promise<number> {
    const { store, matches } = this.parts;
    const persons = await store.transact((transaction) =>
      transaction
        .rows(personTable)
        .find({ indexedAt: null }, { orderBy: 'personId', countMax: BATCH_MAX }),
    );
    const faults: unknown[] = [];
    const attempt = (work: Promise<unknown>): Promise<unknown> =>
      work.catch((error: unknown) => faults.push(error));
    for (const { personId } of persons)
      await attempt(store.transact((transaction) => this.index(transaction, personId)));
    const records = await store.transact((transaction) =>
      transaction
        .rows(sourceRecordTable)
        .find({ matchedAt: null }, { orderBy: 'recordId', countMax: BATCH_MAX }),
    );
    for (const { recordId } of records) await attempt(matches.match(recordId));
    // One that fails keeps no other waiting; it is reported, and tried again at the next turn.
    if (faults.length > 0) throw faults[0];
    return persons.length + records.length;
  }

  /** Keeps a registration under its keys; records that share one are compared again. */
  private async index(transaction: Transaction, personId: string): Promise<void> {
    const { persons, candidates, clock } = this.parts;
    const held = await persons.hold(transaction, personId);
    const compared = held && (await persons.comparedRegistration(transaction, held));
    if (compared) {
      await candidates.keep(transaction, { holderId: personId, personId }, compared);
      const holders = await candidates.find(transaction, compared, personId);
      await this.parts.pairs.propose(transaction, held, compared, holders);
      const ids = holders.map(({ holderId }) => holderId);
      await transaction
        .rows(sourceRecordTable)
        .update({ recordId: { in: ids } }, { matchedAt: null });
    }
    await transaction.rows(personTable).update({ personId }, { indexedAt: clock.now() });
  }
}

import type { FittedWeights, MatchWeights } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { personTable } from '../person/person.table';
import { type Candidates, CANDIDATES_MAX } from './candidates';
import { type Levels, levelsOf } from './comparisons';
import type { Compared } from './demographics';
import { fitWeights, type Pattern } from './fit-weights';
import type { IndexPersons } from './index-persons';
import { type SourceRecordRow, sourceRecordTable } from './source-record.table';

/** Fewer say nothing of a region. */
const CANDIDATES_MIN = 50;
/** Ids of records are drawn by chance: those after one of them are a sample. */
const FIRST_ID = '';

/** Counts pairs that agree alike; of whom they are is forgotten. */
class Patterns {
  private readonly counts = new Map<string, { readonly levels: Levels; count: number }>();
  size = 0;

  add(levels: Levels): void {
    const text = JSON.stringify(levels);
    const known = this.counts.get(text);
    if (known) known.count += 1;
    else this.counts.set(text, { levels, count: 1 });
    this.size += 1;
  }

  list(): readonly Pattern[] {
    return [...this.counts.values()];
  }
}

/** Fits the weights to a region's own records. Nothing is kept, and nothing changes by it. */
export class WeightFitting {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly persons: IndexPersons;
      readonly candidates: Candidates;
    },
  ) {}

  /** By a sample of so many records. Throws MATCH_PAIRS_TOO_FEW (conflict). */
  async fit(start: MatchWeights, records: number): Promise<FittedWeights> {
    const sample = await this.parts.store.transact((transaction) =>
      transaction
        .rows(sourceRecordTable)
        .find({ recordId: { gt: FIRST_ID } }, { orderBy: 'recordId', countMax: records }),
    );
    const [candidates, random] = [new Patterns(), new Patterns()];
    const before: Compared[] = [];
    for (const record of sample) {
      const compared = await this.compare(record, candidates);
      for (const other of before) random.add(levelsOf(compared, other));
      before.push(compared);
    }
    if (candidates.size < CANDIDATES_MIN)
      throw new DomainError('MATCH_PAIRS_TOO_FEW', 'conflict', {
        ...{ found: candidates.size, needed: CANDIDATES_MIN },
      });
    const pairs = { candidates: candidates.list(), random: random.list() };
    const { weights, share } = fitWeights(start, pairs);
    return { weights, share, candidates: candidates.size, random: random.size };
  }

  /** The record with each person who shares a key with it, its own among them. */
  private compare(record: SourceRecordRow, candidates: Patterns): Promise<Compared> {
    const { store, persons, candidates: index } = this.parts;
    return store.transact(async (transaction) => {
      const compared = await persons.comparedRecord(transaction, record);
      const holders = await index.find(transaction, compared, record.recordId);
      const ids = [...new Set(holders.map(({ personId }) => personId))].slice(0, CANDIDATES_MAX);
      for (const person of await transaction.rows(personTable).find({ personId: { in: ids } })) {
        if (person.destroyedAt) continue;
        const [other] = await persons.comparedPerson(transaction, person, record.recordId);
        if (other) candidates.add(levelsOf(compared, other));
      }
      return compared;
    });
  }
}

import { Jobs } from '@caretab/host';
import type { Clock, Ids } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Persons } from '../person/persons';
import type { Vault } from '../person/vault';
import { Candidates } from './candidates';
import { CaseList } from './case-list';
import { IndexPersons } from './index-persons';
import { Indexing } from './indexing';
import { Links } from './links';
import { MasterIndexController } from './master-index.controller';
import { MatchCases } from './match-cases';
import { Matches } from './matches';
import { Matching } from './matching';
import { observeIndex } from './metrics';
import { Pairs } from './pairs';
import { SourceRecords } from './source-records';
import { WeightFitting } from './weight-fitting';
import { matchWeights } from './weights';

interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly vault: Vault;
  readonly persons: Persons;
}

/** The master index without its door. */
export const masterIndexOn = ({ store, clock, ids, vault, persons: registered }: Parts) => {
  const persons = new IndexPersons({ persons: registered, vault, clock, ids });
  const candidates = new Candidates(vault);
  const links = new Links({ clock, ids, persons });
  const matching = new Matching(matchWeights);
  const matches = new Matches({ store, clock, ids, persons, candidates, links, matching });
  const pairs = new Pairs({ clock, ids, persons, matching });
  return {
    records: new SourceRecords({ store, clock, ids, vault, persons, matches, links, candidates }),
    cases: new MatchCases({ store, clock, ids, persons, links }),
    list: new CaseList({ store, persons, registered }),
    fitting: new WeightFitting({ store, persons, candidates }),
    indexing: new Indexing({ store, clock, persons, candidates, matches, pairs }),
  };
};

@Module({})
class MasterIndexModule {}

/** Wires the master index. Without an interval nothing is taken into it by itself. */
export const masterIndexModule = (
  parts: Parts & { readonly intervalMs: number | undefined },
): DynamicModule => {
  const { records, cases, list, indexing, fitting } = masterIndexOn(parts);
  const { store, clock, intervalMs } = parts;
  observeIndex(store, clock);
  return {
    module: MasterIndexModule,
    controllers: [MasterIndexController],
    providers: [
      { provide: SourceRecords, useValue: records },
      { provide: MatchCases, useValue: cases },
      { provide: CaseList, useValue: list },
      { provide: WeightFitting, useValue: fitting },
      {
        provide: Indexing,
        inject: [Jobs],
        useFactory: (jobs: Jobs): Indexing => {
          if (intervalMs !== undefined)
            jobs.every('identity.index', intervalMs, () => indexing.runOnce());
          return indexing;
        },
      },
    ],
  };
};

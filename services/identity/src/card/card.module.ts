import { Jobs } from '@caretab/host';
import type { Clock, Ids } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { type DynamicModule, Module } from '@nestjs/common';
import { Persons } from '../person/persons';
import type { Vault } from '../person/vault';
import { CardBatches } from './card-batches';
import { CardEffects } from './card-effects';
import { CardFileController } from './card-file.controller';
import { CardFiles } from './card-files';
import { CardController } from './card.controller';
import { CardIssues } from './card-issues';
import { CardList } from './card-list';
import { CardMoves } from './card-moves';
import { CardPlatformController } from './card-platform.controller';
import { CardPlatforms } from './card-platforms';
import { CardRows } from './card-rows';
import { CardStatistics } from './card-statistics';
import { Cards } from './cards';
import { ChildCards } from './child-cards';
import { ToldResidents } from './told-residents';

interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly vault: Vault;
  readonly persons: Persons;
}

/** Cards without their door. */
export const cardsOn = ({ store, clock, ids, vault, persons }: Parts) => {
  const rows = new CardRows({ clock, ids, vault });
  const moves = new CardMoves({ rows });
  const issues = new CardIssues({ clock, vault, rows });
  const cards = new Cards({ store, clock, persons, rows, issues, moves });
  const residents = new ToldResidents({ persons, vault });
  const effects = new CardEffects({ clock, persons, rows, issues, moves, residents });
  return {
    cards,
    moves,
    effects,
    platforms: new CardPlatforms({
      ...{ store, clock, vault, persons, cards, rows, effects, residents },
    }),
    statistics: new CardStatistics({ store }),
    batches: new CardBatches({ store, clock, persons, issues }),
    files: new CardFiles({ store, vault, effects }),
    list: new CardList({ store, vault }),
    children: new ChildCards({ store, clock, persons, rows }),
  };
};

@Module({})
class CardModule {}

/** Wires cards; child cards are looked at as often as the interval says. */
export const cardModule = (parts: Parts & { readonly intervalMs: number }): DynamicModule => {
  const { cards, batches, files, list, children, platforms, statistics } = cardsOn(parts);
  return {
    module: CardModule,
    controllers: [CardController, CardFileController, CardPlatformController],
    providers: [
      { provide: Cards, useValue: cards },
      { provide: CardBatches, useValue: batches },
      { provide: CardFiles, useValue: files },
      { provide: CardList, useValue: list },
      { provide: CardPlatforms, useValue: platforms },
      { provide: CardStatistics, useValue: statistics },
      { provide: Persons, useValue: parts.persons },
      {
        provide: ChildCards,
        inject: [Jobs],
        useFactory: (jobs: Jobs): ChildCards => {
          jobs.every('identity.child-cards', parts.intervalMs, () => children.runOnce());
          return children;
        },
      },
    ],
  };
};

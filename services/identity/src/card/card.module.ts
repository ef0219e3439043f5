import { Jobs } from '@caretab/host';
import type { Clock, Ids } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { type DynamicModule, Module } from '@nestjs/common';
import { Persons } from '../person/persons';
import type { Vault } from '../person/vault';
import { CardBatches } from './card-batches';
import { CardFileController } from './card-file.controller';
import { CardFiles } from './card-files';
import { CardController } from './card.controller';
import { CardList } from './card-list';
import { CardRows } from './card-rows';
import { Cards } from './cards';
import { ChildCards } from './child-cards';

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
  const cards = new Cards({ store, clock, persons, rows });
  return {
    cards,
    batches: new CardBatches({ store, clock, persons, cards }),
    files: new CardFiles({ store, vault, persons, cards }),
    list: new CardList({ store, vault }),
    children: new ChildCards({ store, clock, persons, rows }),
  };
};

@Module({})
class CardModule {}

/** Wires cards; child cards are looked at as often as the interval says. */
export const cardModule = (parts: Parts & { readonly intervalMs: number }): DynamicModule => {
  const { cards, batches, files, list, children } = cardsOn(parts);
  return {
    module: CardModule,
    controllers: [CardController, CardFileController],
    providers: [
      { provide: Cards, useValue: cards },
      { provide: CardBatches, useValue: batches },
      { provide: CardFiles, useValue: files },
      { provide: CardList, useValue: list },
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

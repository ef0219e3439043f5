import type { AskOptions } from '@caretab/host';
import { type Clock, type Ids, systemClock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Persons } from '../person/persons';
import { MergeController } from './merge.controller';
import { Merges } from './merges';
import { observeMerges } from './metrics';
import { ServiceClient } from './services.adapter';

@Module({})
class MergeModule {}

/** Wires merges of persons. Tokens go by the machine's clock, as their callers do. */
export const mergeModule = (
  parts: {
    readonly store: Store;
    readonly clock: Clock;
    readonly ids: Ids;
    readonly persons: Persons;
  },
  credit: AskOptions,
): DynamicModule => {
  observeMerges(parts.store);
  const services = new ServiceClient(credit);
  return {
    module: MergeModule,
    controllers: [MergeController],
    providers: [
      { provide: Merges, useValue: new Merges({ ...parts, tokenClock: systemClock, services }) },
    ],
  };
};

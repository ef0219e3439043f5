import { visitLedgerVisits } from '@caretab/contracts';
import { Consumes } from '@caretab/bus';
import { REST } from '@caretab/kernel';
import { STORE } from '@caretab/host';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { keepFates } from './fates';
import { keepOver } from './over-visits';
import type { VisitEvent } from './words';

/**
 * Topic in → fates of accepted reports, and visits that are over: a batch in one transaction. It is
 * repeatable, so unmarked.
 */
@Controller()
export class FateConsumer {
  constructor(@Inject(STORE) private readonly store: Store) {}

  @Consumes({
    from: visitLedgerVisits,
    group: 'gateway.fate',
    batch: true,
    rest: REST.gathering,
  })
  visits(@Payload() events: VisitEvent[]): Promise<void> {
    return this.store.transact(async (transaction) => {
      await keepFates(transaction, events);
      await keepOver(transaction, events);
    });
  }
}

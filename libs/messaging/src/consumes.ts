import type { ContractEvent, Topic } from '@caretab/contracts';
import type { Transaction } from '@caretab/postgres';
import { EventPattern } from '@nestjs/microservices';

/** What a handler method is given as `@Ctx()`: rows, marks and outgoing messages of this batch, committed together. */
export interface Handling {
  readonly transaction: Transaction;
}

export interface ConsumesOptions<T extends Topic = Topic> {
  readonly from: T;
  /** `<service>.<aggregate>`; its first part is the service whose store keeps inbox and parked messages. */
  readonly group: string;
  /** The method takes `ContractEvent[]` of one partition in order and is its own transaction (used by the ledger). */
  readonly batch?: boolean;
}

export type EventOf<T extends Topic> = ContractEvent<T>;

/**
 * Binds a controller's method to a topic. The method is called as `(event, handling)` once per event, inside one transaction per batch,
 * and an event already handled by the group is not delivered again. Throw DomainError to park at once; anything else is retried, then parked.
 */
export const Consumes = <T extends Topic>(options: ConsumesOptions<T>): MethodDecorator =>
  EventPattern({ topic: options.from.name, group: options.group }, { consumes: options });

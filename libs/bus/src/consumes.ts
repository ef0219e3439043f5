import type { ContractEvent, EventType, Topic } from '@caretab/contracts';
import type { Rest } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { applyDecorators, Catch, type RpcExceptionFilter, UseFilters } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';
import type { ReceivedMessage } from './bus';

/**
 * What a handler method is given as `@Ctx()`: rows, marks and outgoing messages of this batch,
 * committed together.
 */
export interface Handling {
  readonly transaction: Transaction;
}

/** What a method with `@Prepares` is given as `@Ctx()`. */
export interface Preparing extends Handling {
  /** Keys of all messages of the batch, also of those whose type is not handled. */
  readonly keys: readonly string[];
}

/**
 * What a method with `batch: true` is given as `@Ctx()`: where its events came from, one message
 * per event, and whether to stop early.
 */
export interface BatchHandling {
  readonly messages: readonly ReceivedMessage[];
  readonly signal: AbortSignal;
}

export interface ConsumesOptions<T extends Topic = Topic> {
  readonly from: T;
  /** Where each hospital has a topic of its own: that of one. `from` then stands for all of them. */
  readonly each?: (institutionId: string) => T;
  /**
   * `<service>.<aggregate>`; its first part is the service whose store keeps inbox and parked
   * messages.
   */
  readonly group: string;
  /**
   * The types of events that its `on` ignores, spread into it: their values are not even parsed.
   * Default: none.
   */
  readonly ignored?: { readonly [Type in EventType<T>]?: 'ignore' };
  /**
   * The method takes `ContractEvent[]` of one partition in order and is its own transaction (used
   * by the ledger).
   */
  readonly batch?: boolean;
  /** As `ConsumeOptions`. */
  readonly rest?: Rest;
}

export type EventOf<T extends Topic> = ContractEvent<T>;

/**
 * Nest's own filter turns every error into "Internal server error"; the strategy must see the real
 * one to choose between retry and parking.
 */
@Catch()
class Rethrow implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

export interface PreparesOptions<T extends Topic = Topic> extends Pick<
  ConsumesOptions<T>,
  'from' | 'group'
> {
  /** It is also called for a batch of which no event is handled, for its keys. */
  readonly forKeys?: boolean;
}

/**
 * Binds a method of the same controller that is called as `(events, preparing)` once for each batch,
 * before its events: it locks and gathers in a few statements what they will ask for one by one.
 */
export const Prepares = <T extends Topic>({
  from,
  group,
  forKeys = false,
}: PreparesOptions<T>): MethodDecorator =>
  applyDecorators(
    EventPattern(
      { topic: from.name, group, prepares: true },
      { prepares: { from, group, forKeys } },
    ),
    UseFilters(new Rethrow()),
  );

/**
 * Binds a controller's method to a topic. The method is called as `(event, handling)` once per
 * event, inside one transaction per batch, and an event already handled by the group is not
 * delivered again. Throw DomainError to park at once; anything else is retried, then parked.
 */
export const Consumes = <T extends Topic>(options: ConsumesOptions<T>): MethodDecorator =>
  applyDecorators(
    EventPattern({ topic: options.from.name, group: options.group }, { consumes: options }),
    UseFilters(new Rethrow()),
  );

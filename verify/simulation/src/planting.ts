import type { BatchHandler, ConsumeOptions, Message, ReceivedMessage } from '@caretab/bus';
import type { MachineBus } from './machine-twins';
import type { Plan } from './plan';
import type { Store, Transaction } from '@caretab/store';
import type { Planted } from './simulated-platform';
import type { Invariant } from './violation';

/**
 * Known bugs, to see whether the simulation sees them. Each is a twin that is wrong in one way, put
 * between a service and the right one: no code that ships knows of them.
 */
export interface PlantedBug extends Planted {
  readonly what: string;
  /** Sentences that it breaks; the first one seen is reported. */
  readonly breaks: readonly Invariant[];
  /** The seed that found it last: the search begins there. */
  readonly seed: number;
  /** What a seed's plan must have for it to show; the search passes by the others. */
  readonly needs?: (plan: Plan) => boolean;
}

/** The target, with some of its members replaced. */
export const altered = <Target extends object>(target: Target, members: Partial<Target>): Target =>
  new Proxy(target, {
    get: (real, name) => {
      const member: unknown = members[name as keyof Target] ?? real[name as keyof Target];
      return typeof member === 'function' ? (member.bind(real) as unknown) : member;
    },
  });

export const wrappedTransaction = (
  store: Store,
  wrap: (transaction: Transaction) => Transaction,
): Store =>
  altered(store, {
    transact: (work, options) => store.transact((transaction) => work(wrap(transaction)), options),
  });

export const wrappedConsume = (
  bus: MachineBus,
  wrap: (handle: BatchHandler) => BatchHandler,
): MachineBus =>
  altered(bus, {
    consume: (options: ConsumeOptions, handle: BatchHandler) => bus.consume(options, wrap(handle)),
  });

export const typeOf = ({ headers }: Pick<Message, 'headers'>): string => headers['ce_type'] ?? '';

/** A service to which messages come otherwise than they were sent. */
export const consumingAltered = (
  bus: MachineBus,
  alter: (message: ReceivedMessage) => ReceivedMessage,
): MachineBus =>
  wrappedConsume(
    bus,
    (handle) => (batch) => handle({ ...batch, messages: batch.messages.map(alter) }),
  );

/** A service to which only some messages come. */
export const consumingOnly = (bus: MachineBus, comes: (message: Message) => boolean): MachineBus =>
  wrappedConsume(
    bus,
    (handle) => (batch) => handle({ ...batch, messages: batch.messages.filter(comes) }),
  );

import { FORGED } from './quiescence';
import {
  type BatchHandler,
  type Bus,
  type ConsumeOptions,
  type Message,
  type ReceivedMessage,
  SIGNATURE,
  signedAll,
  twinKeyOf,
} from '@caretab/bus';
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

export const wrappedConsume = (bus: Bus, wrap: (handle: BatchHandler) => BatchHandler): Bus =>
  altered(bus, {
    consume: (options: ConsumeOptions, handle: BatchHandler) => bus.consume(options, wrap(handle)),
  });

export const typeOf = ({ headers }: Pick<Message, 'headers'>): string => headers['ce_type'] ?? '';

/** A service to which messages come otherwise than they were sent. */
export const consumingAltered = (
  bus: Bus,
  alter: (message: ReceivedMessage) => ReceivedMessage,
): Bus =>
  wrappedConsume(
    bus,
    (handle) => (batch) =>
      handle({ ...batch, messages: batch.messages.map((message) => resigned(message, alter)) }),
  );

/** A bug of the service is no forgery: what is altered has its author's signature, if it had it. */
const resigned = (
  message: ReceivedMessage,
  alter: (message: ReceivedMessage) => ReceivedMessage,
): ReceivedMessage => {
  const altered = alter(message);
  const { [SIGNATURE]: signature, [FORGED]: forged } = message.headers;
  if (altered === message || signature === undefined || forged !== undefined) return altered;
  const [author] = signature.split('.') as [string];
  const [{ headers }] = signedAll(message.topic, [altered], twinKeyOf(author)) as [Message];
  return { ...altered, headers };
};

/** A service to which only some messages come. */
export const consumingOnly = (bus: Bus, comes: (message: Message) => boolean): Bus =>
  wrappedConsume(
    bus,
    (handle) => (batch) => handle({ ...batch, messages: batch.messages.filter(comes) }),
  );

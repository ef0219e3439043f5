import { EventStoreUnavailable, type NewEvent } from '@caretab/event-store';
import { altered, type PlantedBug } from './planting';

/** As if nothing were verified: what was written beside the ledger has a signature that fits. */
const unverifiedEvents: PlantedBug = {
  name: 'unverified-events',
  what: 'what a second writer writes into the log is taken for a fact',
  hasKey: true,
  breaks: ['balance', 'written'],
};

const withoutOrigin = ({ metadata = {}, ...event }: NewEvent): NewEvent => {
  const { copiedFrom: _, ...rest } = metadata;
  return { ...event, metadata: rest };
};

/** In the stream that continues another one, copies are facts once more. */
const copiesAreFacts: PlantedBug = {
  name: 'copies-are-facts',
  what: 'facts that are copied into a new stream take effect once more',
  breaks: ['view', 'written', 'once', 'decided', 'balance'],
  events: (events) =>
    altered(events, {
      append: (stream, facts, expected) =>
        events.append(stream, facts.map(withoutOrigin), expected),
    }),
};

/** The view is fed a return that says nothing of what its charge was. */
const silentReturn = (fact: NewEvent): NewEvent => {
  const { notDeferredFor, ...data } = fact.data as { readonly notDeferredFor?: string };
  return fact.type === 'ChargeReturned' && notDeferredFor !== undefined
    ? { ...fact, data: { ...data, waited: true } }
    : fact;
};

/** The view equals its own fold all the same. */
const unseenReturn: PlantedBug = {
  name: 'unseen-return',
  what: 'the views ignore the return of a charge that is not deferred',
  breaks: ['view'],
  events: (events) =>
    altered(events, {
      append: (stream, facts, expected) => events.append(stream, facts.map(silentReturn), expected),
    }),
};

/** As if the driver's error were that of an append: no outage, but a message that cannot be handled. */
const refusal = (error: unknown): unknown =>
  error instanceof EventStoreUnavailable
    ? Object.assign(new Error('permission denied for schema'), { code: '42501' })
    : error;

const parksOnLostRight: PlantedBug = {
  name: 'parks-on-lost-right',
  what: 'messages are parked while the ledger has no right to its log',
  breaks: ['parked'],
  events: (events) =>
    altered(events, {
      append: (...append) =>
        events.append(...append).catch((error) => Promise.reject(refusal(error))),
      readStream: (...read) =>
        events.readStream(...read).catch((error) => Promise.reject(refusal(error))),
    }),
};

/** Known bugs of a log that others write into, and of the views that read it. */
export const plantedLogBugs: readonly PlantedBug[] = [
  unverifiedEvents,
  copiesAreFacts,
  unseenReturn,
  parksOnLostRight,
];

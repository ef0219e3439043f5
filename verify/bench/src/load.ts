import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '@caretab/bus';
import { quantile } from './charge-record';
import { type BenchVisit, chargePosted, onTheWire } from './charges';
import type { Parties } from './parties';

const SILENCE_MAX_MS = 60_000;
/** Charges handed over at once under full load. */
const CHUNK = 200;
/** How often what is due goes out under a steady rate. */
const TICK_MS = 5;

export interface Throughput {
  /** Charges decided per second of the steady part. */
  readonly perSecond: number;
  readonly seconds: number;
  readonly charges: number;
}

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly perSecond: number;
  readonly charges: number;
}

export interface LoadOptions {
  readonly parties: Parties;
  readonly visits: readonly BenchVisit[];
  /** Charges each visit gets at most. */
  readonly chargesPerVisit: number;
  /** Charges of one visit that follow each other. */
  readonly together: number;
  readonly warmUpMs: number;
  readonly steadyMs: number;
  readonly progress: (text: string) => void;
  /** Called when the steady part begins and when it is over. */
  readonly steady?: (part: 'begins' | 'over') => void;
}

/**
 * Charges of many visits in turn: the next order of a visit comes after those of all the others.
 * Serialised before the load begins.
 */
const prepared = ({ parties: { book }, visits, together }: LoadOptions, count: number): Message[] =>
  Array.from({ length: count }, (_, index) =>
    onTheWire(
      chargePosted(visits[Math.floor(index / together) % visits.length]!, book.published + index),
    ),
  );

/** Full speed: so many charges are always under way, neither more nor, but for a moment, fewer. */
export const fullLoad = async (
  options: LoadOptions & { readonly window: number },
): Promise<Throughput> => {
  const { parties, visits, chargesPerVisit, window, warmUpMs, steadyMs, progress, steady } =
    options;
  const { book } = parties;
  const messages = prepared(options, visits.length * chargesPerVisit);
  const startedAtMs = performance.now();
  const first = book.published;
  let steadyFrom: { readonly atMs: number; readonly decisions: number } | undefined;
  let sent = 0;
  while (sent < messages.length && performance.now() - startedAtMs < warmUpMs + steadyMs) {
    const room = Math.min(CHUNK, window - book.underWay, messages.length - sent);
    if (room < Math.min(CHUNK, messages.length - sent)) await book.next(SILENCE_MAX_MS);
    else {
      const nowMs = performance.now();
      for (let index = 0; index < room; index += 1) book.publish(nowMs);
      await parties.post(messages.slice(sent, sent + room));
      sent += room;
    }
    if (!steadyFrom && performance.now() - startedAtMs >= warmUpMs) {
      steadyFrom = { atMs: performance.now(), decisions: book.decisions };
      steady?.('begins');
    }
    progress(`${book.decisions - first} charges decided`);
  }
  const overAtMs = performance.now();
  const charges = book.decisions - (steadyFrom?.decisions ?? 0);
  steady?.('over');
  await parties.settled();
  if (!steadyFrom)
    throw new Error(
      'the visits ran out of charges before the warm-up was over; give more --visits',
    );
  const seconds = (overAtMs - steadyFrom.atMs) / 1000;
  return { perSecond: charges / seconds, seconds, charges };
};

/**
 * A steady rate, whatever the answers do. A charge's time counts from when it was due, so that
 * waiting to be sent counts too.
 */
export const steadyLoad = async (
  options: LoadOptions & { readonly perSecond: number },
): Promise<Latency> => {
  const { parties, perSecond, warmUpMs, steadyMs, progress } = options;
  const { book } = parties;
  const messages = prepared(options, Math.ceil((perSecond * (warmUpMs + steadyMs)) / 1000));
  const first = book.published;
  const startedAtMs = performance.now();
  const sending: Promise<void>[] = [];
  let failed: Error | undefined;
  for (let sent = 0; sent < messages.length && !failed;) {
    const dueCount = Math.min(
      messages.length,
      Math.floor(((performance.now() - startedAtMs) * perSecond) / 1000),
    );
    if (dueCount > sent) {
      for (let index = sent; index < dueCount; index += 1)
        book.publish(startedAtMs + (index * 1000) / perSecond);
      sending.push(
        parties
          .post(messages.slice(sent, dueCount))
          .catch((error: Error) => void (failed ??= error)),
      );
      sent = dueCount;
    }
    progress(`${book.decisions - first} charges decided`);
    await sleep(TICK_MS);
  }
  await Promise.all(sending);
  if (failed) throw failed;
  await parties.settled();
  const times = Float64Array.from({ length: messages.length }, (_, index) => index)
    .filter((index) => book.dueAtMs(first + index) - startedAtMs >= warmUpMs)
    .map((index) => book.decidedAtMs(first + index) - book.dueAtMs(first + index));
  return {
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    maxMs: quantile(times, 1),
    perSecond,
    charges: times.length,
  };
};

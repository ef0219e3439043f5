import { randomUUID } from 'node:crypto';
import type { NewEvent } from '@caretab/event-store';

/** Events of one stream, as a stay of some days has. */
export const STREAM_EVENTS = 30;

/** One append: the next events of a stream. */
export interface Append {
  readonly stream: string;
  /** Revision of the first of them. */
  readonly from: number;
  readonly events: readonly NewEvent[];
}

/** Where events go. `append` resolves when they are durable. */
export interface Target {
  append(append: Append): Promise<unknown>;
  /** How many events a stream has. */
  count(stream: string): Promise<number>;
  close(): Promise<void>;
}

export interface Measured {
  readonly seconds: number;
  /** Of the writer's process alone, user and system. */
  readonly cpuSeconds: number;
  /** Events that were answered for, and events that are there. */
  readonly answered: number;
  readonly found: number;
}

/** A charge, about as large as the ledger's. */
const charge = (number: number): NewEvent => ({
  id: randomUUID(),
  type: 'ChargeDeferred',
  data: {
    visitId: 'HZ001-V20260302-000001',
    institutionId: 'HZ001',
    personId: 'p-2b6f0cc9-0f4e-4ab1-9d0e-3f3f8d6a1c55',
    charge: {
      chargeId: `V20260302-000001.${number}`,
      itemCode: '250403001',
      quantity: '1',
      unitPriceYuan: '23.50',
      amountFen: 2350,
      occurredAt: '2026-03-02T08:15:00+08:00',
      department: 'CARD',
    },
  },
  metadata: { causationId: randomUUID(), source: 'hl7/HZ001.HIS/M000001' },
});

/** The appends of one caller: stream after stream, each from its beginning. */
function* appendsOf(name: string, events: number, together: number): Generator<Append> {
  for (let written = 0; written < events;) {
    const stream = `${name}-${Math.floor(written / STREAM_EVENTS)}`;
    const from = written % STREAM_EVENTS;
    const size = Math.min(together, STREAM_EVENTS - from, events - written);
    yield {
      stream,
      from,
      events: Array.from({ length: size }, (_, index) => charge(from + index)),
    };
    written += size;
  }
}

/** Appends so many events, each caller one append after the other; then counts what is there. */
export const measure = async (
  target: Target,
  load: {
    readonly name: string;
    readonly events: number;
    readonly callers: number;
    readonly together: number;
  },
): Promise<Measured> => {
  const streams = new Set<string>();
  let answered = 0;
  const each = Math.ceil(load.events / load.callers);
  const startedAtMs = performance.now();
  const cpuBefore = process.cpuUsage();
  await Promise.all(
    Array.from({ length: load.callers }, async (_, caller) => {
      const events = Math.min(each, load.events - caller * each);
      for (const append of appendsOf(`${load.name}.${caller}`, events, load.together)) {
        await target.append(append);
        streams.add(append.stream);
        answered += append.events.length;
      }
    }),
  );
  const { user, system } = process.cpuUsage(cpuBefore);
  const seconds = (performance.now() - startedAtMs) / 1000;
  let found = 0;
  for (const stream of streams) found += await target.count(stream);
  return { seconds, cpuSeconds: (user + system) / 1e6, answered, found };
};

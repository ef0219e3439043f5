import { chainHash, contentDigest, GENESIS, type MemoryEventStore } from '@caretab/event-store';

/** A settlement that never took place, written beside the service at a stream's end. */
export const forge = async (events: MemoryEventStore, stream: string): Promise<void> => {
  let tail = { revision: -1, hash: GENESIS as Uint8Array };
  for await (const page of events.export())
    for (const event of page) if (event.stream === stream) tail = event;
  const revision = tail.revision + 1;
  const content = { stream, id: 'forged', type: 'VisitSettled', data: '{}', metadata: '{}' };
  const recordedAtMs = Date.parse('2026-03-02T09:00:00Z');
  const hash = chainHash(tail.hash, contentDigest(content), revision, recordedAtMs);
  await events.import([{ ...content, revision, recordedAtMs, hash }]);
};

/** Changes an event where it is stored; returns how to change it back. */
export const alter = async (
  events: MemoryEventStore,
  stream: string,
  revision: number,
  what = '"amountFen":10',
): Promise<() => void> => {
  for await (const page of events.export())
    for (const event of page)
      if (event.stream === stream && event.revision === revision) {
        const stored = event as { data: string };
        const { data } = stored;
        stored.data = data.replace(what, `${what.slice(0, -2)}99`);
        return () => void (stored.data = data);
      }
  throw new Error('there is such an event');
};

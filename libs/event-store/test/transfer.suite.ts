import type { AuditTrail } from '../src/audit';
import type { EventStore } from '../src/event-store';
import { MemoryEventStore } from '../src/memory-event-store';
import type { ChainedEvent } from '../src/recorded';
import { digestOf, ImportRefused, type Transferable } from '../src/transfer';

export type MovableStore = EventStore & AuditTrail & Transferable;

const EVENTS = 240;

/** A log whose streams are mixed, with texts that another serialisation would change. */
const sourceLog = async (): Promise<ChainedEvent[]> => {
  const source = new MemoryEventStore();
  for (let index = 0; index < EVENTS / 2; index += 1) {
    const stream = `visit-${index % 30}`;
    const sent = [0, 1].map((part) => ({
      id: `${index}-${part}`,
      type: 'ChargeDeferred',
      data: { amountFen: index, note: '挂号费 🏥', part },
      metadata: { source: `"metadata":${index}` },
    }));
    await source.append(stream, sent, index < 30 ? 'none' : 2 * Math.floor(index / 30) - 1);
  }
  return exported(source);
};

const exported = async (log: Pick<Transferable, 'export'>): Promise<ChainedEvent[]> => {
  const events: ChainedEvent[] = [];
  for await (const page of log.export()) events.push(...page);
  return events;
};

/** What a move must keep: everything but the position. */
const kept = (events: readonly ChainedEvent[]) =>
  events.map(({ stream, revision, id, type, data, metadata, recordedAtMs, hash }) => ({
    stream,
    revision,
    id,
    type,
    data,
    metadata,
    recordedAtMs,
    hash: Buffer.from(hash).toString('hex'),
  }));

/** What every store must do that a ledger can be moved into and out of. */
export const transferSuite = (name: string, makeStore: () => Promise<MovableStore>): void => {
  describe(`moving a ledger into ${name}`, () => {
    let [store, events]: [MovableStore | undefined, ChainedEvent[]] = [undefined, []];
    const target = (): MovableStore => store!;
    beforeAll(async () => void (events = await sourceLog()));
    beforeEach(async () => void (store = await makeStore()));
    afterEach(() => target().close());

    test('keeps every event, its time and hash, and the order of all', async () => {
      for (let from = 0; from < events.length; from += 100)
        await target().import(events.slice(from, from + 100));
      const there = await exported(target());
      expect(kept(there)).toEqual(kept(events));
      expect(
        there.every(({ position }, index) => index === 0 || position > there[index - 1]!.position),
      ).toBe(true);
      expect(await digestOf(target())).toEqual(
        await digestOf({
          export: async function* () {
            yield events;
          },
        }),
      );
      expect(await target().verifyAll()).toMatchObject({ events: EVENTS, streams: 30, faults: [] });
    });

    test('has its entries in the order of an export, from any of them on', async () => {
      await target().import(events);
      const all = await exported(target());
      for (const first of [0, 1, 77, EVENTS - 1]) {
        const found: unknown[] = [];
        const from = first === 0 ? 0n : all[first]!.position;
        for await (const page of target().entries(from))
          for (const { position, hash } of page) found.push([position, hash]);
        expect(found).toEqual(all.slice(first).map(({ position, hash }) => [position, hash]));
      }
    });

    test('lets the ledger go on where it was', async () => {
      await target().import(events);
      expect(
        await target().append('visit-3', [{ id: 'later', type: 'VisitClosed', data: {} }], 7),
      ).toMatchObject({ revision: 8 });
      expect(await target().verifyAll()).toMatchObject({ events: EVENTS + 1, faults: [] });
    });

    test('goes on after a move that broke off, wherever it is taken up again', async () => {
      await target().import(events.slice(0, 77));
      await target().import(events.slice(0, 77));
      await target().import(events.slice(40, 150));
      await target().import(events);
      expect(kept(await exported(target()))).toEqual(kept(events));
    });

    test('refuses what can no longer be put in its order', async () => {
      await target().import(events.filter(({ stream }) => stream === 'visit-9'));
      await expect(target().import(events)).rejects.toThrow('what comes after it is there already');
      expect(await exported(target())).toHaveLength(8);
    });

    test('refuses what does not fit: another event at the place, a gap, a changed content', async () => {
      await target().append('visit-5', [{ id: 'other', type: 'VisitOpened', data: {} }], 'none');
      const of = (stream: string) => events.filter((event) => event.stream === stream);
      await expect(target().import(of('visit-5'))).rejects.toBeInstanceOf(ImportRefused);
      await expect(target().import(of('visit-6').slice(2))).rejects.toBeInstanceOf(ImportRefused);
      await expect(
        target().import([{ ...of('visit-7')[0]!, data: '{"amountFen":1}' }]),
      ).rejects.toBeInstanceOf(ImportRefused);
      expect(await exported(target())).toHaveLength(1);
    });
  });
};

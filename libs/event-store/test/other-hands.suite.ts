import { eventually } from '@caretab/hospital';
import type { AuditTrail } from '../src/audit';
import type { EventStore } from '../src/event-store';
import type { StreamFault } from '../src/stream-fault';

type Store = EventStore & AuditTrail;

/** What others than the ledger can do to a store. */
export interface OtherHands {
  /** A process of the ledger on the store, which remembers nothing yet; the suite closes it. */
  open(): Promise<Store>;
  /** Keeps the log as it is now; the call puts this copy in its place, under who has it open. */
  copy(): Promise<() => Promise<void>>;
}

type Deed = (hands: OtherHands) => Promise<void>;

export interface OtherHandsCases {
  /** By name, ways to take the events `a` and `b` of `visit-1` away; `c` may go too. */
  readonly truncations: Readonly<Record<string, Deed>>;
  /** By name, ways to take the ledger's right away, and to give it back. */
  readonly refusals: Readonly<Record<string, { readonly take: Deed; readonly give: Deed }>>;
}

const charge = (id: string) => ({ id, type: 'ChargeDeferred', data: { amountFen: 100 } });
const UNAVAILABLE = { kind: 'unavailable' };

/** The log under other hands than the ledger's; on every event store. */
export const otherHandsSuite = (
  name: string,
  makeHands: () => Promise<OtherHands>,
  { truncations, refusals }: OtherHandsCases,
): void => {
  describe(`${name}, under other hands`, () => {
    let hands: OtherHands;
    let store: Store;
    const opened: Store[] = [];
    const open = async (): Promise<Store> => {
      const one = await hands.open();
      opened.push(one);
      return one;
    };
    beforeEach(async () => {
      hands = await makeHands();
      store = await open();
      await store.append('visit-1', [charge('a'), charge('b'), charge('c')], 'none');
      await store.append('visit-2', [charge('d')], 'none');
    });
    afterEach(async () => void (await Promise.all(opened.splice(0).map((one) => one.close()))));

    const ids = async (from: Store, stream: string): Promise<string[]> =>
      (await from.readStream(stream)).map(({ id }) => id);
    const isTruncated = async (from: Store): Promise<void> =>
      expect(from.readStream('visit-1')).rejects.toMatchObject({
        fault: { kind: 'truncated', stream: 'visit-1' },
      });

    describe.each(Object.entries(truncations))('a stream that was %s', (_how, takeAway) => {
      beforeEach(() => takeAway(hands));

      test('is a fault of that stream alone, also for who had it open', async () => {
        for (const one of [store, await open()]) {
          await isTruncated(one);
          // Also of those that are read at once.
          const [faulty, whole] = await Promise.all([
            isTruncated(one).then(() => 'faulty'),
            ids(one, 'visit-2'),
          ]);
          expect([faulty, whole]).toEqual(['faulty', ['d']]);
        }
        expect(await store.append('visit-2', [charge('e')], 0)).toMatchObject({ revision: 1 });
        expect((await store.verifyStream('visit-1')).faults).not.toEqual([]);
        expect((await store.verifyStream('visit-2')).faults).toEqual([]);
      });

      test.each(['none', 2] as const)('is not continued by who expects %s', async (expected) => {
        const refusal = await (
          await open()
        )
          .append('visit-1', [charge('z')], expected)
          .catch((error: Error) => error);
        expect(refusal).toBeInstanceOf(Error);
        expect(['StreamFaulty', 'WrongExpectedRevision']).toContain((refusal as Error).name);
        await isTruncated(await open());
        const all = await store.readAll({
          after: 0n,
          countMax: 9,
          onFaults: async () => undefined,
        });
        expect(all.map(({ id }) => id)).not.toContain('z');
      });
    });

    describe('an older copy under the open store', () => {
      let newest: () => Promise<void>;
      let end: bigint;
      beforeEach(async () => {
        const older = await hands.copy();
        await store.append('visit-1', [charge('e')], 2);
        await store.append('visit-3', [charge('f')], 'none');
        end = await store.head();
        newest = await hands.copy();
        await older();
      });

      test('takes nothing on the ground of what was remembered', async () => {
        await expect(store.append('visit-1', [charge('x')], 3)).rejects.toThrow();
        await expect(store.append('visit-3', [charge('y')], 0)).rejects.toThrow();
        const fresh = await open();
        expect(await ids(fresh, 'visit-1')).toEqual(['a', 'b', 'c']);
        expect(await ids(fresh, 'visit-3')).toEqual([]);
        expect((await fresh.verifyAll()).faults).toEqual([]);
      });

      test('ends before the place of its readers', async () => {
        expect(await store.head()).toBeLessThan(end);
        expect(await store.readAll({ after: end, countMax: 9 })).toEqual([]);
      });

      test('is followed by the newest log again, and all goes on', async () => {
        await newest();
        store.forget();
        expect(await store.append('visit-1', [charge('x')], 3)).toMatchObject({ revision: 4 });
        expect(await store.append('visit-3', [charge('y')], 0)).toMatchObject({ revision: 1 });
        expect((await (await open()).verifyAll()).faults).toEqual([]);
      });

      test('takes no new stream, and gives no answer', async () => {
        const lost = () => store.append('visit-4', [charge('y'), charge('z')], 'none');
        await expect(lost()).rejects.toMatchObject(UNAVAILABLE);
        await expect(lost()).rejects.toMatchObject(UNAVAILABLE);
        expect(await ids(await open(), 'visit-4')).toEqual([]);
        // Not even where others have brought it as far.
        const other = await open();
        for (const at of ['none', 0, 1] as const)
          await other.append('visit-5', [charge(`o-${at}`)], at);
        await expect(lost()).rejects.toMatchObject(UNAVAILABLE);
        await newest();
        expect(await lost()).toMatchObject({ revision: 1 });
      });
    });

    test.each(Object.entries(refusals))(
      '%s: the store is out of order by name, and nothing is written until it is again',
      async (_how, { take, give }) => {
        const faults: StreamFault[] = [];
        const followed: string[] = [];
        store.subscribe(
          { after: 0n, onFaults: async (found) => void faults.push(...found) },
          async (batch) => void followed.push(...batch.map(({ id }) => id)),
        );
        await eventually(() => expect(followed).toEqual(['a', 'b', 'c', 'd']));
        await take(hands);
        for (const one of [store, await open()]) {
          await expect(one.append('visit-1', [charge('e')], 2)).rejects.toMatchObject(UNAVAILABLE);
          await expect(one.readStream('visit-1')).rejects.toMatchObject(UNAVAILABLE);
          await expect(one.readAll({ after: 0n, countMax: 1 })).rejects.toMatchObject(UNAVAILABLE);
        }
        await give(hands);
        expect(await ids(store, 'visit-1')).toEqual(['a', 'b', 'c']);
        expect(await store.append('visit-1', [charge('e')], 2)).toMatchObject({ revision: 3 });
        await eventually(() => expect(followed).toEqual(['a', 'b', 'c', 'd', 'e']), 15_000);
        expect(faults).toEqual([]);
      },
    );
  });
};

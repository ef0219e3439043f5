import { eventually } from '@caretab/hospital';
import type { AuditTrail } from '../src/audit';
import { chainHash, contentDigest, GENESIS } from '../src/chain';
import type { EventStore, RecordedEvent } from '../src/event-store';
import { proveKeys } from '../src/key-proof';
import { TWIN_KEYS } from '../src/memory-event-store';
import type { ChainedEvent } from '../src/recorded';
import {
  type EventKeys,
  EventKeyUnknown,
  EventKeyWrong,
  EventSigner,
  type Signature,
} from '../src/signature';
import { StreamFaulty, type StreamFault } from '../src/stream-fault';
import type { Transferable, TransferredEvent } from '../src/transfer';

type Store = EventStore & AuditTrail & Transferable;
/** Opens the same store, with keys; the first time it is empty. */
export type OpenWithKeys = (keys: EventKeys) => Promise<Store>;

const OTHER_KEYS: EventKeys = {
  current: 'other',
  keys: new Map([...TWIN_KEYS.keys, ['other', Buffer.alloc(32, 'other')]]),
  signedAfter: 0n,
};
const charge = (id: string) => ({ id, type: 'ChargeDeferred', data: { amountFen: 100 } });

/** Where a stream ends, as one with the rights of the schema's owner reads it. */
const tailOf = async (store: Store, stream: string): Promise<ChainedEvent | undefined> => {
  let tail: ChainedEvent | undefined;
  for await (const page of store.export())
    for (const event of page) if (event.stream === stream) tail = event;
  return tail;
};

/** An event that fits the chain, written beside the service. */
const forge = async (
  store: Store,
  stream: string,
  sign: (digest: Uint8Array, revision: number) => Signature | undefined,
): Promise<void> => {
  const tail = await tailOf(store, stream);
  const revision = (tail?.revision ?? -1) + 1;
  const content = {
    stream,
    id: `forged-${revision}`,
    type: 'VisitSettled',
    data: '{}',
    metadata: '{}',
  };
  const digest = contentDigest(content);
  const recordedAtMs = Date.now();
  const event: TransferredEvent = {
    ...content,
    revision,
    recordedAtMs,
    hash: chainHash(tail?.hash ?? GENESIS, digest, revision, recordedAtMs),
    signature: sign(digest, revision),
  };
  await store.import([event]);
};

const signer = new EventSigner(TWIN_KEYS);
/** Another key in the place of the right one. */
const WRONG_KEYS: EventKeys = {
  ...TWIN_KEYS,
  keys: new Map([[TWIN_KEYS.current, Buffer.alloc(32, 'other')]]),
};
const stranger = new EventSigner(WRONG_KEYS);
const OTHERS: readonly [string, StreamFault['kind'], Parameters<typeof forge>[2]][] = [
  ['without a signature', 'foreign', () => undefined],
  ['with a signature that was made up', 'forged', () => ({ keyId: 'twin', mac: Buffer.alloc(32) })],
  ['with another key under the same id', 'forged', (digest, at) => stranger.sign(digest, at)],
  ['with the signature of another revision', 'forged', (digest, at) => signer.sign(digest, at + 1)],
  ['with the signature of other content', 'forged', (_digest, at) => signer.sign(GENESIS, at)],
];

/** Events that were not written by who has the key; on every event store. */
export const signatureSuite = (name: string, open: OpenWithKeys): void => {
  describe(`${name}, when somebody else writes to it`, () => {
    const opened: Store[] = [];
    const opens = async (keys = TWIN_KEYS): Promise<Store> => {
      const store = await open(keys);
      opened.push(store);
      return store;
    };
    afterEach(async () => void (await Promise.all(opened.splice(0).map((store) => store.close()))));

    test.each(OTHERS)('an event %s is never handed on', async (_case, kind, sign) => {
      const store = await opens();
      await store.append('visit-1', [charge('a')], 'none');
      await forge(store, 'visit-1', sign);
      await store.append('visit-2', [charge('b')], 'none');
      const fault = { kind, stream: 'visit-1', revision: 1 };
      await expect(store.readStream('visit-1')).rejects.toMatchObject({ fault });
      await expect(store.readAll({ after: 0n, countMax: 10 })).rejects.toBeInstanceOf(StreamFaulty);
      const faults: StreamFault[] = [];
      const all = await store.readAll({
        after: 0n,
        countMax: 10,
        onFaults: async (found) => void faults.push(...found),
      });
      expect(all.map(({ id }) => id)).toEqual(['a', 'b']);
      expect(faults).toMatchObject([fault]);
      expect((await store.verifyStream('visit-1')).faults).toMatchObject([fault]);
      expect((await store.verifyAll()).faults).toMatchObject([fault]);
      expect(await store.readStream('visit-2')).toHaveLength(1);
    });

    test('a follower is given what is ours, after it was given what is not', async () => {
      const store = await opens();
      await store.append('visit-1', [charge('a')], 'none');
      await forge(store, 'visit-1', () => undefined);
      await store.append('visit-2', [charge('b')], 'none');
      const order: string[] = [];
      const follow = () =>
        store.subscribe(
          {
            after: 0n,
            onFaults: async (found) => void order.push(...found.map(({ kind }) => kind)),
          },
          async (events: readonly RecordedEvent[]) =>
            void order.push(...events.map(({ id }) => id)),
        );
      const first = follow();
      await eventually(() => expect(order).toEqual(['foreign', 'a', 'b']));
      const second = follow();
      await eventually(() => expect(order.slice(3)).toEqual(['foreign', 'a', 'b']));
      await store.append('visit-3', [charge('c')], 'none');
      await eventually(() => expect(order.slice(6)).toEqual(['c', 'c']));
      await Promise.all([first.stop(), second.stop()]);
    });

    test('a key that is not ours yet is no fault of the stream', async () => {
      const later = await opens(OTHER_KEYS);
      await later.append('visit-1', [charge('a')], 'none');
      const store = await opens();
      await expect(store.readStream('visit-1')).rejects.toBeInstanceOf(EventKeyUnknown);
      const faults: StreamFault[] = [];
      const onFaults = async (found: readonly StreamFault[]) => void faults.push(...found);
      await expect(store.readAll({ after: 0n, countMax: 10, onFaults })).rejects.toBeInstanceOf(
        EventKeyUnknown,
      );
      expect(faults).toEqual([]);
    });

    test('a key that an operator disowns makes its events foreign, and all others go on', async () => {
      const store = await opens();
      await store.append('visit-1', [charge('a')], 'none');
      await forge(store, 'visit-1', (digest, at) => ({
        ...signer.sign(digest, at),
        keyId: 'never',
      }));
      await store.append('visit-2', [charge('b')], 'none');
      const fault = { kind: 'foreign', stream: 'visit-1', revision: 1 };
      await expect(store.readStream('visit-1')).rejects.toBeInstanceOf(EventKeyUnknown);
      const sure = await opens({ ...TWIN_KEYS, disowned: ['never'] });
      await proveKeys(sure);
      await expect(sure.readStream('visit-1')).rejects.toMatchObject({ fault });
      const faults: StreamFault[] = [];
      const onFaults = async (found: readonly StreamFault[]) => void faults.push(...found);
      const all = await sure.readAll({ after: 0n, countMax: 10, onFaults });
      expect(all.map(({ id }) => id)).toEqual(['a', 'b']);
      expect(faults).toMatchObject([fault]);
      expect((await sure.verifyAll()).faults).toMatchObject([fault]);
    });

    test('another key under the same id blames no stream, and is found at the start', async () => {
      const store = await opens();
      for (const stream of ['visit-1', 'visit-2', 'visit-3'])
        await store.append(stream, [charge(stream)], 'none');
      const wrong = await opens(WRONG_KEYS);
      const faults: StreamFault[] = [];
      const onFaults = async (found: readonly StreamFault[]) => void faults.push(...found);
      for (const refused of [
        () => proveKeys(wrong),
        () => wrong.readStream('visit-1'),
        () => wrong.readAll({ after: 0n, countMax: 10, onFaults }),
        () => wrong.verifyAll(),
      ])
        await expect(refused()).rejects.toMatchObject({
          name: 'EventKeyWrong',
          kind: 'unavailable',
        });
      expect(faults).toEqual([]);
      await proveKeys(await opens());
    });

    test('a key that an operator knows to be right blames the stream of its only event', async () => {
      const store = await opens();
      await forge(store, 'visit-1', (digest, at) => stranger.sign(digest, at));
      await expect(proveKeys(await opens())).rejects.toBeInstanceOf(EventKeyWrong);
      const sure = await opens({ ...TWIN_KEYS, proven: [TWIN_KEYS.current] });
      await proveKeys(sure);
      await expect(sure.readStream('visit-1')).rejects.toMatchObject({
        fault: { kind: 'forged', revision: 0 },
      });
    });

    test('a forged event is no doubt in the key, wherever it stands', async () => {
      const store = await opens();
      await forge(store, 'visit-1', (digest, at) => stranger.sign(digest, at));
      for (let count = 0; count < 40; count += 1)
        await store.append('visit-2', [charge(`b-${count}`)], count === 0 ? 'none' : count - 1);
      const fresh = await opens();
      await forge(fresh, 'visit-2', (digest, at) => stranger.sign(digest, at));
      await proveKeys(fresh);
      await expect(fresh.readStream('visit-1')).rejects.toMatchObject({
        fault: { kind: 'forged', revision: 0 },
      });
    });

    test('after a change of the key, events of before are read as they are', async () => {
      const store = await opens();
      await store.append('visit-1', [charge('a')], 'none');
      const later = await opens(OTHER_KEYS);
      await later.append('visit-1', [charge('b')], 0);
      expect(await later.readStream('visit-1')).toHaveLength(2);
      expect((await later.verifyAll()).faults).toEqual([]);
    });

    test('events from before signing are read up to the boundary, and none without a signature after it', async () => {
      const store = await opens();
      await forge(store, 'visit-1', () => undefined);
      const { signedAfter: _, ...everything } = TWIN_KEYS;
      expect(await (await opens(everything)).readStream('visit-1')).toHaveLength(1);
      const bounded = await opens({ ...everything, signedAfter: await store.head() });
      expect(await bounded.readStream('visit-1')).toHaveLength(1);
      await forge(store, 'visit-1', () => undefined);
      await expect(bounded.readStream('visit-1')).rejects.toMatchObject({ fault: { revision: 1 } });
    });
  });
};

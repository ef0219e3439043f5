import { eventually } from '@caretab/hospital';
import { chainHash, contentDigest, GENESIS } from '../src/chain';
import {
  type EventStore,
  type NewEvent,
  type RecordedEvent,
  WrongExpectedRevision,
} from '../src/event-store';

/** Opens an empty store; the suite closes it. */
export type MakeStore = () => Promise<EventStore>;

let count = 0;
const event = (data: unknown = { amountFen: 100 }, id = `event-${(count += 1)}`): NewEvent => ({
  id,
  type: 'ChargeDeferred',
  data,
});

const until = (condition: () => boolean): Promise<void> =>
  eventually(() => expect(condition()).toBe(true), 10_000);

/** Appends where the stream ends. */
const follow = async (store: EventStore, stream: string, ...events: NewEvent[]): Promise<void> => {
  const there = await store.readStream(stream);
  await store.append(stream, events, there.at(-1)?.revision ?? 'none');
};

/** Remembers what it was handed, batch by batch. */
const collector = () => {
  const batches: (readonly RecordedEvent[])[] = [];
  const handle = async (batch: readonly RecordedEvent[]): Promise<void> => void batches.push(batch);
  return { batches, handle, ids: () => batches.flat().map(({ id }) => id) };
};

/** What every event store must do, real or twin. */
export const eventStoreSuite = (name: string, makeStore: MakeStore): void => {
  describe(name, () => {
    let store: EventStore;
    beforeEach(async () => void (store = await makeStore()));
    afterEach(() => store.close());

    describe('appending', () => appending(() => store));
    describe('appending side by side', () => concurrency(() => store));
    describe('appending again', () => repetition(() => store));
    describe('reading', () => reading(() => store));
    describe('subscribing', () => subscribing(() => store));
  });
};

const appending = (store: () => EventStore): void => {
  test('starts a stream at revision 0 when none is expected', async () => {
    expect(await store().append('visit-1', [event(), event()], 'none')).toMatchObject({
      revision: 1,
    });
  });

  test('goes on at the revision that is expected', async () => {
    await store().append('visit-1', [event()], 'none');
    expect(await store().append('visit-1', [event()], 0)).toMatchObject({ revision: 1 });
    expect(await store().append('visit-1', [event()], 1)).toMatchObject({ revision: 2 });
  });

  test('answers with the place of the last event, and the same once more', async () => {
    const events = [event(), event()];
    const answer = await store().append('visit-1', events, 'none');
    const [, last] = await store().readStream('visit-1');
    expect(answer).toEqual({ revision: 1, position: last!.position });
    await store().append('visit-2', [event()], 'none');
    expect(await store().append('visit-1', events, 'none')).toEqual(answer);
  });

  test.each([
    ['too low', 0, 1],
    ['too high', 2, 1],
    ['far too high', 2_000_000, 1],
    ['none', 'none', 1],
  ] as const)(
    'refuses an expectation that is %s, and writes nothing',
    async (_case, expected, actual) => {
      await store().append('visit-1', [event(), event()], 'none');
      const head = await store().head();
      const refusal = await store()
        .append('visit-1', [event(), event()], expected)
        .catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(WrongExpectedRevision);
      expect(refusal).toMatchObject({ stream: 'visit-1', expected, actual });
      expect(await store().head()).toBe(head);
    },
  );

  test('refuses a revision of a stream that does not exist', async () => {
    await expect(store().append('visit-1', [event()], 0)).rejects.toMatchObject({
      name: 'WrongExpectedRevision',
      actual: 'none',
    });
  });

  test('keeps what was handed in, in whatever script, and however large', async () => {
    const data = {
      note: '挂号费 ¥20.00 — 𠮷野家 🏥 "quoted" \\ {a,b} \u0000 \n',
      nothing: null,
      nested: [{ amountFen: -5 }],
      large: 'x'.repeat(200_000),
    };
    const metadata = { causationId: 'cause-1', source: 'HL7 消息 1' };
    await store().append(
      'visit-病历-1',
      [{ id: 'unicode-1', type: 'ChargeDeferred', data, metadata }],
      'none',
    );
    const [recorded] = await store().readStream('visit-病历-1');
    expect(recorded).toMatchObject({
      id: 'unicode-1',
      stream: 'visit-病历-1',
      type: 'ChargeDeferred',
      revision: 0,
      data,
      metadata,
    });
    expect(Math.abs(Date.now() - recorded!.recordedAt.getTime())).toBeLessThan(60_000);
  });

  test('gives back empty metadata when none was handed in', async () => {
    await store().append('visit-1', [event()], 'none');
    expect((await store().readStream('visit-1'))[0]!.metadata).toEqual({});
  });
};

const concurrency = (store: () => EventStore): void => {
  test('lets exactly one of those who expect the same revision win', async () => {
    for (let revision = 0; revision < 5; revision += 1) {
      const expected = revision === 0 ? 'none' : revision - 1;
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, () => store().append('visit-1', [event()], expected)),
      );
      const refused = results.filter((result) => result.status === 'rejected');
      expect(refused).toHaveLength(7);
      for (const { reason } of refused)
        expect(reason).toMatchObject({ name: 'WrongExpectedRevision', actual: revision });
    }
    expect(await store().readStream('visit-1')).toHaveLength(5);
  });

  test('answers each of 200 appends to many streams, the impossible ones too', async () => {
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => store().append(`visit-${index}`, [event()], 'none')),
    );
    const appends = Array.from({ length: 200 }, (_, index) => ({
      stream: `visit-${index % 50}`,
      sent: [event({ index }), event({ index })],
    }));
    // Four rounds over 50 streams; one append in four expects the wrong revision, and those after
    // it in its stream do too.
    const results = await Promise.allSettled(
      appends.map(({ stream, sent }, index) => {
        const before = 2 * Math.floor(index / 50) + (index % 50 < 40 ? 0 : -1);
        return store().append(stream, sent, index % 4 === 0 || before < 0 ? 'none' : before);
      }),
    );
    const all = new Map(
      (await store().readAll({ after: 0n, countMax: 1_000 })).map((recorded) => [
        recorded.id,
        recorded,
      ]),
    );
    results.forEach((result, index) => {
      const { stream, sent } = appends[index]!;
      const last = all.get(sent[1]!.id);
      if (result.status === 'rejected') {
        expect(result.reason).toBeInstanceOf(WrongExpectedRevision);
        expect(last).toBeUndefined();
      } else
        expect({ stream, ...result.value }).toEqual({
          stream: last!.stream,
          revision: last!.revision,
          position: last!.position,
        });
    });
    expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(50);
    expect(all.size).toBe(40 + 2 * results.filter(({ status }) => status === 'fulfilled').length);
  });

  test('keeps the order of appends that one caller sends to one stream without waiting', async () => {
    const sent = Array.from({ length: 30 }, () => event());
    await Promise.all(
      sent.map((one, index) => store().append('visit-1', [one], index === 0 ? 'none' : index - 1)),
    );
    expect((await store().readStream('visit-1')).map(({ id }) => id)).toEqual(
      sent.map(({ id }) => id),
    );
  });
};

const repetition = (store: () => EventStore): void => {
  test('gives the first answer to the same events, expecting none', async () => {
    const sent = [event(), event()];
    const first = await store().append('visit-1', sent, 'none');
    await store().append('visit-1', [event()], 1);
    expect(await store().append('visit-1', sent, 'none')).toEqual(first);
    expect(await store().readStream('visit-1')).toHaveLength(3);
  });

  test('gives the first answer to the same events, expecting a revision', async () => {
    await store().append('visit-1', [event()], 'none');
    const sent = [event(), event()];
    const first = await store().append('visit-1', sent, 0);
    await store().append('visit-1', [event()], 2);
    expect(await store().append('visit-1', sent, 0)).toEqual(first);
    expect(await store().readStream('visit-1')).toHaveLength(4);
  });

  test('takes the same ids with other content for no repetition, and keeps the first content', async () => {
    await store().append('visit-1', [event({ amountFen: 100 }, 'charge-1')], 'none');
    await expect(
      store().append('visit-1', [event({ amountFen: 999 }, 'charge-1')], 'none'),
    ).rejects.toBeInstanceOf(WrongExpectedRevision);
    expect((await store().readStream('visit-1')).map(({ data }) => data)).toEqual([
      { amountFen: 100 },
    ]);
  });

  test('refuses other ids at the same place', async () => {
    await store().append('visit-1', [event(), event()], 'none');
    await expect(store().append('visit-1', [event(), event()], 'none')).rejects.toBeInstanceOf(
      WrongExpectedRevision,
    );
  });

  test('refuses events of which only some are there', async () => {
    const [there, fresh] = [event(), event()];
    await store().append('visit-1', [there], 'none');
    await expect(store().append('visit-1', [there, fresh], 'none')).rejects.toBeInstanceOf(
      WrongExpectedRevision,
    );
    expect(await store().readStream('visit-1')).toHaveLength(1);
  });

  test('takes the same id on another stream as another event', async () => {
    await store().append('visit-1', [event({}, 'shared')], 'none');
    await store().append('visit-2', [event({}, 'shared')], 'none');
    expect(await store().readAll({ after: 0n, countMax: 10 })).toHaveLength(2);
  });

  test('recognises a repetition sent at the same time', async () => {
    const sent = [event()];
    const answers = await Promise.all([
      store().append('visit-1', sent, 'none'),
      store().append('visit-1', sent, 'none'),
    ]);
    expect(answers[0]).toEqual(answers[1]);
    expect(await store().readStream('visit-1')).toHaveLength(1);
  });
};

const reading = (store: () => EventStore): void => {
  const revisions = (events: readonly RecordedEvent[]): number[] =>
    events.map(({ revision }) => revision);

  test('finds nothing in an empty store', async () => {
    expect(await store().head()).toBe(0n);
    expect(await store().readAll({ after: 0n, countMax: 10 })).toEqual([]);
    expect(await store().readStream('visit-1')).toEqual([]);
  });

  test('an event of a stream comes with its hash, which is made from the hash before it', async () => {
    await store().append('visit-1', [event(), event(), event()], 'none');
    const all = await store().readStream('visit-1');
    let before: Uint8Array = GENESIS;
    for (const { stream, id, type, data, metadata, revision, recordedAt, hash } of all) {
      const texts = { data: JSON.stringify(data), metadata: JSON.stringify(metadata) };
      const digest = contentDigest({ stream, id, type, ...texts });
      before = chainHash(before, digest, revision, recordedAt.getTime());
      expect(Buffer.from(hash)).toEqual(before);
    }
    const [last] = await store().readStream('visit-1', { fromRevision: 2 });
    expect(Buffer.from(last!.hash)).toEqual(before);
  });

  test('reads a stream from a revision, as many as are wanted', async () => {
    await store().append(
      'visit-1',
      Array.from({ length: 10 }, () => event()),
      'none',
    );
    await store().append('visit-10', [event()], 'none');
    expect(revisions(await store().readStream('visit-1'))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(revisions(await store().readStream('visit-1', { fromRevision: 7 }))).toEqual([7, 8, 9]);
    expect(
      revisions(await store().readStream('visit-1', { fromRevision: 2, countMax: 3 })),
    ).toEqual([2, 3, 4]);
    expect(await store().readStream('visit-1', { fromRevision: 10 })).toEqual([]);
  });

  test('reads a stream that is longer than any page', async () => {
    for (const expected of ['none', 699, 1_399] as const)
      await store().append(
        'visit-1',
        Array.from({ length: 700 }, () => event()),
        expected,
      );
    expect(revisions(await store().readStream('visit-1'))).toEqual(
      Array.from({ length: 2_100 }, (_, index) => index),
    );
  });

  test('reads many streams at once, each from where it is wanted', async () => {
    const lengths = [1, 2, 130, 40, 1];
    for (const [index, length] of lengths.entries())
      await store().append(
        `visit-${index}`,
        Array.from({ length }, () => event()),
        'none',
      );
    const from = 1;
    const read = await Promise.all([
      ...lengths.map((_, index) => store().readStream(`visit-${index}`, { fromRevision: from })),
      store().readStream('visit-none'),
      store().readStream('visit-2', { countMax: 2 }),
    ]);
    expect(read.map(revisions)).toEqual([
      ...lengths.map((length) => Array.from({ length: length - from }, (_, at) => from + at)),
      [],
      [0, 1],
    ]);
    expect(
      new Set(read.flatMap((events, at) => events.map(({ stream }) => `${at} ${stream}`))),
    ).toEqual(new Set(['1 visit-1', '2 visit-2', '3 visit-3', '6 visit-2']));
  });

  test('pages through all events of streams with a prefix, in the order they were appended', async () => {
    const appended: string[] = [];
    for (let index = 0; index < 25; index += 1) {
      const one = event();
      await follow(store(), index % 3 === 0 ? `payer-${index}` : `visit-${index % 4}`, one);
      if (index % 3 !== 0) appended.push(one.id);
    }
    const read: RecordedEvent[] = [];
    for (let page = [] as RecordedEvent[]; ;) {
      page = await store().readAll({
        after: read.at(-1)?.position ?? 0n,
        countMax: 4,
        streamPrefix: 'visit-',
      });
      if (page.length === 0) break;
      read.push(...page);
    }
    expect(read.map(({ id }) => id)).toEqual(appended);
    expect(
      read.every(({ position }, index) => index === 0 || position > read[index - 1]!.position),
    ).toBe(true);
  });

  test('says where the newest event stands', async () => {
    await store().append('visit-1', [event(), event()], 'none');
    const all = await store().readAll({ after: 0n, countMax: 10 });
    expect(all).toHaveLength(2);
    expect(await store().head()).toBe(all[1]!.position);
  });
};

const subscribing = (store: () => EventStore): void => {
  test('catches up with the past, then goes on live', async () => {
    await store().append(
      'visit-1',
      Array.from({ length: 25 }, () => event()),
      'none',
    );
    const seen = collector();
    store().subscribe({ after: 0n, batchSizeMax: 10 }, seen.handle);
    await until(() => seen.ids().length === 25);
    await store().append('visit-1', [event()], 24);
    await until(() => seen.ids().length === 26);
    expect(seen.ids()).toEqual((await store().readStream('visit-1')).map(({ id }) => id));
    expect(Math.max(...seen.batches.map(({ length }) => length))).toBeLessThanOrEqual(10);
  });

  test('is handed only the streams with its prefix', async () => {
    const seen = collector();
    store().subscribe({ after: 0n, streamPrefix: 'visit-' }, seen.handle);
    for (let index = 0; index < 6; index += 1)
      await follow(store(), index % 2 === 0 ? 'visit-1' : 'payer-1', event());
    await until(() => seen.ids().length === 3);
    expect(new Set(seen.batches.flat().map(({ stream }) => stream))).toEqual(new Set(['visit-1']));
  });

  test('goes on after its checkpoint when it is started again', async () => {
    await store().append(
      'visit-1',
      Array.from({ length: 6 }, () => event()),
      'none',
    );
    const before = collector();
    const first = store().subscribe({ after: 0n, batchSizeMax: 2 }, before.handle);
    await until(() => before.ids().length >= 4);
    await first.stop();
    const checkpoint = before.batches.at(-1)!.at(-1)!.position;
    await store().append('visit-1', [event()], 5);
    const after = collector();
    store().subscribe({ after: checkpoint }, after.handle);
    const all = (await store().readStream('visit-1')).map(({ id }) => id);
    await until(() => before.ids().length + after.ids().length === all.length);
    expect([...before.ids(), ...after.ids()]).toEqual(all);
  });

  test('delivers the same batch again until it is handled, and nothing before it is', async () => {
    await store().append('visit-1', [event(), event(), event()], 'none');
    const seen = collector();
    let attempts = 0;
    store().subscribe({ after: 0n, batchSizeMax: 2 }, async (batch) => {
      attempts += 1;
      if (attempts <= 2) throw new Error('not yet');
      await seen.handle(batch);
    });
    await until(() => seen.ids().length === 3);
    expect(attempts).toBe(4);
    expect(seen.batches.map(({ length }) => length)).toEqual([2, 1]);
  });

  test('waits for the batch in hand when it is stopped, and hands on nothing more', async () => {
    await store().append('visit-1', [event(), event()], 'none');
    let [isStarted, isHandled, batches] = [false, false, 0];
    let finish = (): void => undefined;
    const subscription = store().subscribe({ after: 0n, batchSizeMax: 1 }, async () => {
      [isStarted, batches] = [true, batches + 1];
      await new Promise<void>((resolve) => (finish = resolve));
      isHandled = true;
    });
    await until(() => isStarted);
    const stopped = subscription.stop().then(() => isHandled);
    finish();
    expect(await stopped).toBe(true);
    await store().append('visit-1', [event()], 1);
    expect(batches).toBe(1);
  });

  test('stops at once when its handler keeps failing', async () => {
    await store().append('visit-1', [event()], 'none');
    let attempts = 0;
    const subscription = store().subscribe({ after: 0n }, async () => {
      attempts += 1;
      throw new Error('never');
    });
    await until(() => attempts > 0);
    await subscription.stop();
  });

  test('misses nothing and repeats nothing of what is appended side by side while it reads', async () => {
    const seen = collector();
    store().subscribe({ after: 0n, batchSizeMax: 7 }, seen.handle);
    await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        store().append(
          `visit-${index % 60}`,
          [event()],
          index < 60 ? 'none' : Math.floor(index / 60) - 1,
        ),
      ),
    );
    await until(() => seen.ids().length >= 300);
    expect(seen.ids()).toEqual(
      (await store().readAll({ after: 0n, countMax: 1_000 })).map(({ id }) => id),
    );
  });
};

import { setTimeout as wait } from 'node:timers/promises';
import { message } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { MemoryStore, type Transaction } from '@caretab/store';
import { AT, tabTable, tabTopic } from '../test/tabs';
import type { Binding } from './binding';
import type { EventOf } from './consumes';
import { MemoryBus } from './memory-bus';
import { Parked } from './parked';
import { PartitionWork } from './partition-work';
import { TWIN_PARTS, busOfAll } from './twin-authors';

type TabEvent = EventOf<typeof tabTopic>;
const NAME = 'Zhang San';

describe('a consumer whose messages fail for no reason that has a name', () => {
  let bus: MemoryBus;
  let credit: MemoryStore;
  let work: PartitionWork;
  let parked: Parked;
  let calls: string[];
  let fail: (event: TabEvent) => void;
  let slept: number[];
  let told: string;
  let now: Date;

  const raise = (id: string, tabId = 'tab-1') => {
    const { key, headers, value } = message(
      tabTopic,
      'TabRaised',
      { tabId, amountFen: 100 },
      { id, time: AT, source: 'test' },
    );
    return { key, headers, value: JSON.stringify(value) };
  };
  const send = (...messages: ReturnType<typeof raise>[]) =>
    busOfAll(bus).send('test.tabs', messages);
  const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
    for (let tries = 0; !(await condition()); tries += 1) {
      if (tries > 5000) throw new Error('it does not come to that');
      await wait(2);
    }
  };
  const quiet = () => until(async () => (await bus.lag('credit.tab', ['test.tabs'])) === 0);
  const tabs = async (): Promise<string[]> =>
    (await credit.transact((transaction) => transaction.rows(tabTable).find({}))).map(
      ({ eventId }) => eventId,
    );

  beforeEach(async () => {
    [calls, slept, told, now] = [[], [], '', AT];
    fail = () => undefined;
    bus = new MemoryBus();
    credit = new MemoryStore();
    const clock = { now: () => now };
    const tell = (facts: object, text: string): void =>
      void (told += `${JSON.stringify(facts)} ${text}\n`);
    work = new PartitionWork({
      ...TWIN_PARTS,
      clock,
      timers: { sleep: async (durationMs) => void slept.push(durationMs) },
      log: { info: tell, warn: tell, error: tell },
      retry: { attemptsMax: 5, firstDelayMs: 100, delayMaxMs: 5000 },
      random: () => 0,
    });
    const binding: Binding = {
      group: 'credit.tab',
      topic: tabTopic as never,
      batch: false,
      store: credit,
      call: async (payload, context) => {
        const { id, data } = payload as TabEvent;
        const { transaction } = context as { readonly transaction: Transaction };
        await transaction
          .rows(tabTable)
          .insert({ eventId: id, tabId: data.tabId, amountFen: data.amountFen });
        calls.push(id);
        fail(payload as TabEvent);
      },
    };
    const strategy = { binding: () => binding };
    parked = new Parked({ ...TWIN_PARTS, service: 'credit', store: credit, strategy, clock });
    await bus.declare([{ name: 'test.tabs', partitions: 1, retentionMs: 1000 }]);
    await bus.consume({ group: 'credit.tab', topics: ['test.tabs'] }, (batch) =>
      work.handle(binding, batch),
    );
  });
  afterEach(() => bus.close());

  test('holds the key of a message that keeps failing, in order, while other keys go on', async () => {
    let isBroken = true;
    fail = ({ id }) => {
      if (isBroken && id === 'e2') throw new TypeError(`cannot read the name of ${NAME}`);
    };
    await send(raise('e1'), raise('e2'), raise('e3'), raise('e4', 'tab-2'));
    await quiet();
    await send(raise('e5'), raise('e6', 'tab-2'));
    await quiet();
    expect(await tabs()).toEqual(['e1', 'e4', 'e6']);
    const { messages } = await parked.list();
    const held = { groupName: 'credit.tab', topic: 'test.tabs', key: 'tab-1', status: 'parked' };
    expect(messages).toMatchObject([
      { ...held, offsetNo: 1, code: 'HANDLER_FAILED', reason: 'TypeError', attempts: 5 },
      { ...held, offsetNo: 2, code: 'KEY_HELD', attempts: 0 },
      { ...held, offsetNo: 4, code: 'KEY_HELD', attempts: 0 },
    ]);
    expect(told).toContain('message parked');
    expect(told).not.toContain(NAME);

    now = new Date(AT.getTime() + 60_000);
    expect(await parked.retryHeld()).toBe(0);
    isBroken = false;
    now = new Date(AT.getTime() + 180_000);
    expect(await parked.retryHeld()).toBe(3);
    await send(raise('e7'));
    await quiet();
    expect(calls.slice(-4)).toEqual(['e2', 'e3', 'e5', 'e7']);
    expect(await parked.count()).toBe(0);
  });

  test('leaves what holds a key for too long to an operator; once it is discarded, the next go on', async () => {
    fail = ({ id }) => {
      if (id === 'e1') throw new TypeError('for ever');
    };
    await send(raise('e1'), raise('e2'), raise('e3', 'tab-2'));
    await quiet();
    for (let hour = 1; hour <= 30; hour += 1) {
      now = new Date(AT.getTime() + hour * 3_600_000);
      await parked.retryHeld();
    }
    const { messages } = await parked.list();
    expect(messages).toMatchObject([{ retryAt: null }, { retryAt: null }]);
    const { attempts } = messages[0]!;
    now = new Date(AT.getTime() + 48 * 3_600_000);
    await parked.retryHeld();
    expect((await parked.list()).messages[0]!.attempts).toBe(attempts);
    await parked.discard(messages[0]!.id, 'sent in error');
    expect(await parked.retryHeld()).toBe(1);
    expect(await tabs()).toEqual(['e3', 'e2']);
  });

  test('parks nothing where all fail alike and none succeeds: it is an outage without a name', async () => {
    let isBroken = true;
    fail = () => {
      if (isBroken) throw Object.assign(new Error('no'), { code: 'XX999' });
    };
    await send(...Array.from({ length: 20 }, (_, index) => raise(`e${index}`, `tab-${index}`)));
    await until(() => slept.includes(30_000));
    expect(work.waiting('credit')).toMatchObject([{ topic: 'test.tabs', why: 'Error XX999' }]);
    isBroken = false;
    await quiet();
    expect(await tabs()).toHaveLength(20);
    expect(await parked.count()).toBe(0);
    expect(work.waiting('credit')).toEqual([]);
  });

  test('lets a thousand messages that cannot be handled stop no other', async () => {
    fail = ({ id }) => {
      if (id.startsWith('poison')) throw new TypeError('of one hospital');
    };
    await send(
      ...Array.from({ length: 1000 }, (_, index) => raise(`poison-${index}`, `bad-${index}`)),
      raise('e1'),
      raise('e2', 'tab-2'),
    );
    await until(async () => (await tabs()).length === 2);
    await quiet();
    expect(await parked.count()).toBe(1000);
  }, 60_000);

  test('holds, by name, what refers to something that is still to come; its partition never waits', async () => {
    let isKnown = false;
    fail = ({ data }) => {
      if (!isKnown && data.tabId.startsWith('early'))
        throw new DomainError('INSTITUTION_UNKNOWN', 'awaited');
    };
    await send(
      ...Array.from({ length: 50 }, (_, index) => raise(`e${index}`, `early-${index % 10}`)),
    );
    await quiet();
    const { messages } = await parked.list();
    expect(messages).toHaveLength(50);
    expect(messages.filter(({ code }) => code === 'INSTITUTION_UNKNOWN')).toHaveLength(10);
    expect(messages.filter(({ code }) => code === 'KEY_HELD')).toHaveLength(40);
    expect(messages[0]).toMatchObject({ holds: true, attempts: 1 });
    expect(slept).toEqual([]);
    await parked.retryHeld();
    isKnown = true;
    now = new Date(AT.getTime() + 3_600_000);
    await parked.retryHeld();
    expect(await parked.count()).toBe(0);
    expect(await tabs()).toHaveLength(50);
  });

  test('holds a message that fails alone once it was tried for some seconds', async () => {
    fail = () => {
      throw new Error('always');
    };
    await send(raise('e1'));
    await quiet();
    expect((await parked.list()).messages).toMatchObject([{ holds: true }]);
    const waited = slept.filter((ms) => ms >= 500).reduce((sum, ms) => sum + ms, 0);
    expect(waited).toBeGreaterThanOrEqual(3_000);
  });
});

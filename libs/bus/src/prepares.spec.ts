import 'reflect-metadata';
import { message, topic } from '@caretab/contracts';
import { DomainError, type ErrorCode } from '@caretab/kernel';
import { MemoryStore } from '@caretab/store';
import { Type } from '@sinclair/typebox';
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import { AT, tabTable } from '../test/tabs';
import { BusStrategy } from './bus-strategy';
import { Consumes, type EventOf, type Handling, Prepares, type Preparing } from './consumes';
import { MemoryBus } from './memory-bus';
import { Parked } from './parked';
import { TWIN_PARTS, busOfAll } from './twin-authors';

const Tab = Type.Object({ tabId: Type.String() }, { additionalProperties: false });
const tabs = topic({
  name: 'test.prepared-tabs',
  authors: ['test'],
  description: 'Tabs of a test.',
  keyField: 'tabId',
  partitions: 1,
  retentionMs: 1000,
  events: { TabRaised: Tab, TabTouched: Tab },
});
type TabEvent = EventOf<typeof tabs>;
const FROM = { from: tabs, group: 'credit.tab' } as const;

let prepared: { readonly events: string[]; readonly keys: readonly string[] }[];
let calls: string[];
let fail: (id: string, call: number, hasWritten: boolean) => void;

@Controller()
class TabConsumer {
  @Prepares({ ...FROM, forKeys: true })
  async prepare(@Payload() events: TabEvent[], @Ctx() { keys }: Preparing): Promise<void> {
    prepared.push({ events: events.map(({ id }) => id), keys });
  }

  @Consumes({ ...FROM, ignored: { TabTouched: 'ignore' } })
  async tabs(@Payload() { id, data }: TabEvent, @Ctx() { transaction }: Handling): Promise<void> {
    calls.push(id);
    const call = calls.filter((one) => one === id).length;
    fail(id, call, false);
    await transaction.rows(tabTable).insert({ eventId: id, tabId: data.tabId, amountFen: 1 });
    fail(id, call, true);
  }
}

/** One to whom keys alone say nothing. */
@Controller()
class EventConsumer {
  @Prepares(FROM)
  async prepare(@Payload() events: TabEvent[], @Ctx() { keys }: Preparing): Promise<void> {
    prepared.push({ events: events.map(({ id }) => id), keys });
  }

  @Consumes({ ...FROM, ignored: { TabTouched: 'ignore' } })
  async tabs(@Payload() { id }: TabEvent): Promise<void> {
    calls.push(id);
  }
}

@Module({ controllers: [TabConsumer] })
class TestModule {}

@Module({ controllers: [EventConsumer] })
class EventModule {}

describe('a group that prepares for a batch, and handles one type alone', () => {
  let bus: MemoryBus;
  let app: INestMicroservice;
  let credit: MemoryStore;
  let parked: Parked;
  let strategy: BusStrategy;

  const event = (type: TabEvent['type'], id: string, tabId: string) => {
    const { key, headers, value } = message(
      tabs,
      type,
      { tabId },
      { id, time: AT, source: 'test' },
    );
    return { key, headers, value: JSON.stringify(value) };
  };
  const raised = (id: string, tabId = id) => event('TabRaised', id, tabId);
  const touched = (tabId: string) => event('TabTouched', `touch-${tabId}`, tabId);
  /** One batch: what is sent before the group starts. */
  const handled = async (...messages: ReturnType<typeof event>[]): Promise<string[]> => {
    await busOfAll(bus).send(tabs.name, messages);
    await app.listen();
    while ((await bus.lag(FROM.group, [tabs.name])) > 0)
      await new Promise((resolve) => setTimeout(resolve, 2));
    const rows = await credit.transact((transaction) => transaction.rows(tabTable).find({}));
    return rows.map(({ eventId }) => eventId);
  };

  beforeEach(async () => {
    [prepared, calls, fail] = [[], [], () => undefined];
    [bus, credit] = [new MemoryBus(), new MemoryStore()];
    await bus.declare([{ name: tabs.name, partitions: 1, retentionMs: 1000 }]);
    const clock = { now: () => AT };
    const quiet = (): void => undefined;
    strategy = new BusStrategy({
      ...TWIN_PARTS,
      ...{ bus, clock, stores: new Map([['credit', credit]]), random: () => 0 },
      timers: { sleep: async () => undefined },
      logger: { info: quiet, warn: quiet, error: quiet },
    });
    parked = new Parked({ ...TWIN_PARTS, service: 'credit', store: credit, strategy, clock });
    app = await NestFactory.createMicroservice(TestModule, { strategy, logger: false });
  });
  afterEach(async () => {
    await app.close();
    await bus.close();
  });

  test('is prepared once, with the keys of all messages', async () => {
    expect(await handled(raised('a'), touched('b'), raised('c'), touched('a'))).toEqual(['a', 'c']);
    expect(prepared).toEqual([{ events: ['a', 'c'], keys: ['a', 'b', 'c'] }]);
  });

  test('is prepared for no key that a database cannot take', async () => {
    const strange = ['b\0', '\ud800'].map((key) => ({ ...touched('b'), key }));
    expect(await handled(raised('a'), ...strange, touched('c'))).toEqual(['a']);
    expect(prepared).toEqual([{ events: ['a'], keys: ['a', 'c'] }]);
  });

  test.each([
    ['one message of its type', [raised('a')], ['a']],
    ['none of its type', [], []],
  ])('is prepared for the keys of the others beside %s', async (_what, own, events) => {
    expect(await handled(...own, touched('b'))).toEqual(events);
    expect(prepared).toEqual([{ events, keys: [...events, 'b'] }]);
  });

  test('that is not prepared for keys does nothing for a batch without an event of its type', async () => {
    await app.close();
    app = await NestFactory.createMicroservice(EventModule, { strategy, logger: false });
    await handled(touched('a'), touched('b'));
    expect(prepared).toEqual([]);
    await busOfAll(bus).send(tabs.name, [raised('c'), touched('d')]);
    while (calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(prepared).toEqual([{ events: ['c'], keys: ['c', 'd'] }]);
  });

  test('passes by what cannot be read of another type, and keeps what has no known type', async () => {
    const unreadable = { ...touched('b'), value: 'not JSON' };
    const unknown = { ...touched('c'), headers: { ...touched('c').headers, ce_type: 'TabLost' } };
    const untyped = { ...touched('d'), headers: {} };
    const inherited = {
      ...touched('e'),
      headers: { ...touched('e').headers, ce_type: 'toString' },
    };
    expect(await handled(unreadable, unknown, untyped, inherited, raised('a'))).toEqual(['a']);
    const { messages } = await parked.list({ countMax: 10 });
    expect(messages.map(({ key }) => key).toSorted()).toEqual(['c', 'd', 'e']);
  });

  const refusal = new DomainError('TAB_CLOSED' as ErrorCode, 'conflict', {});

  test('a refusal that wrote nothing is parked, and nothing of the batch is done again', async () => {
    fail = (id) => {
      if (id === 'b') throw refusal;
    };
    expect(await handled(raised('a'), raised('b'), raised('c'))).toEqual(['a', 'c']);
    expect(calls).toEqual(['a', 'b', 'c']);
    expect(await parked.count()).toBe(1);
  });

  test('a refusal that wrote something leaves nothing of it', async () => {
    fail = (id, _call, hasWritten) => {
      if (id === 'b' && hasWritten) throw refusal;
    };
    expect(await handled(raised('a'), raised('b'), raised('c'))).toEqual(['a', 'c']);
    expect(await parked.count()).toBe(1);
  });

  test('a batch that failed is prepared for in the end, the keys of the others too', async () => {
    fail = (id, call) => {
      if (id === 'b' && call === 1) throw new Error('deadlock');
    };
    expect(await handled(raised('a'), raised('b'), touched('d'))).toEqual(['a', 'b']);
    expect(prepared).toEqual([
      { events: ['a', 'b'], keys: ['a', 'b', 'd'] },
      { events: ['a'], keys: ['a'] },
      { events: ['b'], keys: ['b'] },
      { events: [], keys: ['a', 'b', 'd'] },
    ]);
  });
});

import 'reflect-metadata';
import { setTimeout as wait } from 'node:timers/promises';
import { message, paymentPayments } from '@caretab/contracts';
import { DomainError, type ErrorCode } from '@caretab/kernel';
import { MemoryStore } from '@caretab/store';
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import { AT, tabTable, tabTopic } from '../test/tabs';
import { BusStrategy } from './bus-strategy';
import { type BatchHandling, Consumes, type EventOf, type Handling } from './consumes';
import { MemoryBus } from './memory-bus';
import { Parked } from './parked';
import { TWIN_PARTS, busOfAll } from './twin-authors';

/** A code of these tests alone. */
const inventedCode = (code: string): ErrorCode => code as ErrorCode;

type TabEvent = EventOf<typeof tabTopic>;
const NAME = 'Zhang San';

/** What the controllers must do, and what they did. */
class Script {
  readonly calls: string[] = [];
  readonly batches: string[][] = [];
  fail: (event: TabEvent, call: number) => void = () => undefined;
}
let script: Script;

@Controller()
class TabConsumer {
  @Consumes({ from: tabTopic, group: 'credit.tab' })
  async tabs(@Payload() event: TabEvent, @Ctx() { transaction }: Handling): Promise<void> {
    // The first touch of a row ends a handler whose message was handled before; only what comes
    // after it counts as a call.
    await transaction.rows(tabTable).count({ eventId: event.id });
    script.calls.push(event.id);
    await transaction
      .rows(tabTable)
      .insert({ eventId: event.id, tabId: event.data.tabId, amountFen: event.data.amountFen });
    script.fail(event, script.calls.filter((id) => id === event.id).length);
    transaction.publish(
      message(tabTopic, 'TabRaised', event.data, {
        id: `${event.id}-out`,
        time: AT,
        source: 'credit',
        causedBy: event,
      }),
    );
  }
}

@Controller()
class LedgerConsumer {
  @Consumes({ from: tabTopic, group: 'visit-ledger.visit', batch: true })
  async tabs(@Payload() events: TabEvent[], @Ctx() { messages }: BatchHandling): Promise<void> {
    expect(messages.map(({ headers }) => headers['ce_id'])).toEqual(events.map(({ id }) => id));
    script.batches.push(events.map(({ id }) => id));
    for (const event of events)
      script.fail(event, script.batches.flat().filter((id) => id === event.id).length);
  }
}

@Module({ controllers: [TabConsumer, LedgerConsumer] })
class TestModule {}

describe('consumers on the bus', () => {
  let bus: MemoryBus;
  let app: INestMicroservice;
  let credit: MemoryStore;
  let ledger: MemoryStore;
  let strategy: BusStrategy;
  let parked: Parked;
  let parkedOfLedger: Parked;
  let slept: number[];
  let told: string;
  let now: Date;

  const raise = (id: string, tabId = 'tab-1', amountFen = 100) => {
    const { key, headers, value } = message(
      tabTopic,
      'TabRaised',
      { tabId, amountFen },
      { id, time: AT, source: 'test' },
    );
    return { key, headers, value: JSON.stringify(value) };
  };
  const send = (...messages: ReturnType<typeof raise>[]) =>
    busOfAll(bus).send('test.tabs', messages);
  const quiet = async (): Promise<void> => {
    for (
      let tries = 0;
      (await bus.lag('credit.tab', ['test.tabs'])) +
        (await bus.lag('visit-ledger.visit', ['test.tabs'])) >
      0;
      tries += 1
    ) {
      if (tries > 2000) throw new Error('the bus does not come to rest');
      await wait(2);
    }
  };
  const tabs = async (): Promise<string[]> =>
    (await credit.transact((transaction) => transaction.rows(tabTable).find({}))).map(
      ({ eventId }) => eventId,
    );

  beforeEach(async () => {
    script = new Script();
    slept = [];
    now = AT;
    told = '';
    bus = new MemoryBus();
    [credit, ledger] = [new MemoryStore(), new MemoryStore()];
    const tell = (facts: object, text: string): void =>
      void (told += `${JSON.stringify(facts)} ${text}\n`);
    strategy = new BusStrategy({
      ...TWIN_PARTS,
      bus,
      stores: new Map([
        ['credit', credit],
        ['visit-ledger', ledger],
      ]),
      clock: { now: () => now },
      timers: { sleep: async (durationMs) => void slept.push(durationMs) },
      logger: { info: tell, warn: tell, error: tell },
      random: () => 0,
    });
    parked = new Parked({
      ...TWIN_PARTS,
      service: 'credit',
      store: credit,
      strategy,
      clock: { now: () => now },
    });
    parkedOfLedger = new Parked({
      ...TWIN_PARTS,
      service: 'visit-ledger',
      store: ledger,
      strategy,
      clock: { now: () => now },
    });
    app = await NestFactory.createMicroservice(TestModule, { strategy, logger: false });
    await app.listen();
  });
  afterEach(async () => {
    await app.close();
    await bus.close();
  });

  test('handle an event once, however often it is delivered', async () => {
    await send(raise('e1'), raise('e2'), raise('e1'));
    await quiet();
    await send(raise('e2'));
    await quiet();
    expect(script.calls).toEqual(['e1', 'e2']);
    expect(await tabs()).toEqual(['e1', 'e2']);
    expect((await credit.unpublished(10)).map(({ headers }) => headers['ce_id'])).toEqual([
      'e1-out',
      'e2-out',
    ]);
  });

  test('undo a batch that fails and redo it message by message', async () => {
    script.fail = ({ id }, call) => {
      if (id === 'e2' && call === 1) throw new Error('deadlock');
    };
    await send(raise('e1'), raise('e2'), raise('e3'));
    await quiet();
    expect(script.calls).toEqual(['e1', 'e2', 'e1', 'e2', 'e3']);
    expect(await tabs()).toEqual(['e1', 'e2', 'e3']);
    expect((await credit.unpublished(10)).map(({ headers }) => headers['ce_id'])).toEqual([
      'e1-out',
      'e2-out',
      'e3-out',
    ]);
    expect(await parked.count()).toBe(0);
  });

  test('try again what may pass, waiting longer each time, and succeed', async () => {
    script.fail = ({ id }, call) => {
      if (id === 'e1' && call < 4) throw new Error('away');
    };
    await send(raise('e1'));
    await quiet();
    expect(await tabs()).toEqual(['e1']);
    expect(slept).toEqual(expect.arrayContaining([50, 100, 200]));
    expect(await parked.count()).toBe(0);
  });

  test(
    'never park a message because something that is needed is away, however long: ' +
      'no message is to blame',
    async () => {
      script.fail = (_event, call) => {
        if (call <= 12)
          throw Object.assign(new Error('the store is away'), { kind: 'unavailable' });
      };
      await send(raise('e1'), raise('e2'));
      await quiet();
      expect(await parked.count()).toBe(0);
      expect(await tabs()).toEqual(['e1', 'e2']);
    },
  );

  test('park at once what the handler refuses by name, with its code', async () => {
    script.fail = ({ id }) => {
      if (id === 'e1')
        throw new DomainError(inventedCode('TAB_CLOSED'), 'conflict', { tab: 'tab-1' });
    };
    await send(raise('e1'), raise('e2'));
    await quiet();
    expect(script.calls).toEqual(['e1', 'e1', 'e2']);
    expect(slept).toEqual([]);
    expect((await parked.list()).messages).toMatchObject([
      { code: 'TAB_CLOSED', reason: 'TAB_CLOSED {"tab":"tab-1"}', attempts: 1 },
    ]);
  });

  test('do not handle a parked message when it is sent once more', async () => {
    script.fail = () => {
      throw new DomainError(inventedCode('TAB_CLOSED'), 'conflict');
    };
    await send(raise('e1'));
    await quiet();
    await send(raise('e1'));
    await quiet();
    expect(script.calls).toEqual(['e1']);
    expect(await parked.count()).toBe(1);
  });

  test('park another message under the id of one that was handled, and change nothing', async () => {
    await send(raise('e1', 'tab-1', 100));
    await quiet();
    await send(raise('e1', 'tab-1', 999), raise('e2'), raise('e1', 'tab-1', 999));
    await quiet();
    expect(script.calls).toEqual(['e1', 'e2']);
    const {
      messages: [conflict, ...others],
    } = await parked.list();
    expect(others).toEqual([]);
    expect(conflict).toMatchObject({
      code: 'MESSAGE_CONFLICT',
      reason: 'MESSAGE_CONFLICT {"messageId":"e1"}',
      messageId: 'e1',
      attempts: 1,
    });
    // Trying again cannot make it right; under an id of its own it can be handled.
    expect(await parked.replay(conflict!.id)).toEqual({ replayed: 0, failed: 1, skipped: 0 });
    expect(
      await parked.replay(conflict!.id, { headers: { ce_id: 'e1b' }, why: 'a charge of its own' }),
    ).toEqual({ replayed: 1, failed: 0, skipped: 0 });
    expect(await tabs()).toEqual(['e1', 'e2', 'e1b']);
  });

  test.each([
    ['of an unknown type', { headers: { ce_type: 'TabEaten' } }, 'EVENT_TYPE_UNKNOWN', 'TabRaised'],
    [
      'of a type called as every object’s own property',
      { headers: { ce_type: 'constructor' } },
      'EVENT_TYPE_UNKNOWN',
      'TabRaised',
    ],
    [
      'whose id no index takes',
      { headers: { ce_id: 'x'.repeat(5000) } },
      'HEADER_INVALID',
      'ce_id',
    ],
    [
      'that breaks the contract',
      { value: JSON.stringify({ tabId: 'tab-1', amountFen: NAME }) },
      'CONTRACT_BROKEN',
      '/amountFen',
    ],
    ['that is no JSON', { value: NAME }, 'NOT_JSON', 'bytes'],
    ['without an id', { headers: { ce_id: '' } }, 'HEADER_MISSING', 'ce_id'],
  ])(
    'park a message %s, naming fields and never values, and go on',
    async (_what, broken, code, named) => {
      const good = raise('e1');
      await send(
        {
          ...good,
          ...broken,
          headers: {
            ...good.headers,
            traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
            ...('headers' in broken && broken.headers),
          },
        },
        raise('e2'),
      );
      await quiet();
      expect(script.calls).toEqual(['e2']);
      for (const each of [parked, parkedOfLedger]) {
        const [row] = (await each.list()).messages;
        expect(row).toMatchObject({ code, traceId: 'a'.repeat(32), messageId: null });
        expect(row!.reason).toContain(named);
        expect(JSON.stringify(row)).not.toContain(NAME);
      }
      expect(told).not.toContain(NAME);
    },
  );

  test('give a batch handler the events of a partition together, and redo them one by one when it fails', async () => {
    script.fail = ({ id }) => {
      if (id === 'e2') throw new DomainError(inventedCode('TAB_CLOSED'), 'conflict');
    };
    await send(raise('e1'), raise('e2'), raise('e3'));
    await quiet();
    expect(script.batches).toEqual([['e1', 'e2', 'e3'], ['e1'], ['e2'], ['e3']]);
    expect((await parkedOfLedger.list()).messages).toMatchObject([
      { messageId: 'e2', code: 'TAB_CLOSED' },
    ]);
  });

  test('tell their groups and topics', () => {
    const unstarted = new BusStrategy({
      ...TWIN_PARTS,
      bus,
      stores: new Map([['credit', credit]]),
      clock: { now: () => now },
      timers: { sleep: async () => undefined },
    });
    unstarted.addHandler('a', (async () => undefined) as never, true, {
      consumes: { from: tabTopic, group: 'credit.tab' },
    });
    unstarted.addHandler('b', (async () => undefined) as never, true, {
      consumes: { from: paymentPayments, group: 'credit.tab' },
    });
    expect(unstarted.consumers('credit')).toEqual([
      { group: 'credit.tab', topics: ['test.tabs', 'payment.payments'] },
    ]);
    expect(unstarted.consumers('payment')).toEqual([]);
  });

  describe('an operator', () => {
    const failing = (...ids: string[]): void => {
      script.fail = ({ id }) => {
        if (ids.includes(id)) throw new DomainError(inventedCode('TAB_CLOSED'), 'conflict');
      };
    };
    const idOf = async (
      messageId: string,
      status: 'parked' | 'replayed' | 'discarded' = 'parked',
    ): Promise<string> =>
      (await parked.list({ status })).messages.find((row) => row.messageId === messageId)!.id;

    test('sees a parked message whole, and only there its content', async () => {
      failing('e1');
      await send(raise('e1', 'tab-1', 4711));
      await quiet();
      const [row] = (await parked.list()).messages;
      expect(row).not.toHaveProperty('value');
      expect(await parked.show(row!.id)).toMatchObject({
        value: '{"tabId":"tab-1","amountFen":4711}',
        headers: { ce_id: 'e1' },
        code: 'TAB_CLOSED',
      });
    });

    test('replays a message through the same handler, which marks it replayed', async () => {
      failing('e1');
      await send(raise('e1'));
      await quiet();
      failing();
      expect(await parked.replay(await idOf('e1'))).toEqual({ replayed: 1, failed: 0, skipped: 0 });
      expect(await tabs()).toEqual(['e1']);
      expect(await parked.count({ status: 'replayed' })).toBe(1);
      await expect(parked.replay(await idOf('e1', 'replayed'))).rejects.toMatchObject({
        code: 'PARKED_CLOSED',
      });
      await send(raise('e1'));
      await quiet();
      expect(script.calls).toEqual(['e1', 'e1']);
    });

    test('replays many in the order they were parked; a key whose message fails again waits', async () => {
      failing('a1', 'a2', 'a3', 'b1', 'b2');
      await send(
        raise('a1', 'a'),
        raise('b1', 'b'),
        raise('a2', 'a'),
        raise('b2', 'b'),
        raise('a3', 'a'),
      );
      await quiet();
      failing('a2');
      script.calls.length = 0;
      expect(await parked.replay({ group: 'credit.tab' })).toEqual({
        replayed: 3,
        failed: 1,
        skipped: 1,
      });
      expect(script.calls).toEqual(['a1', 'b1', 'a2', 'b2']);
      expect((await parked.list()).messages).toMatchObject([
        { messageId: 'a2', attempts: 2 },
        { messageId: 'a3', attempts: 1 },
      ]);
      failing();
      expect(await parked.replay({ key: 'a' })).toEqual({ replayed: 2, failed: 0, skipped: 0 });
      expect(await tabs()).toEqual(['a1', 'b1', 'b2', 'a2', 'a3']);
    });

    test('replays more than a page', async () => {
      script.fail = () => {
        throw new DomainError(inventedCode('TAB_CLOSED'), 'conflict');
      };
      await send(...Array.from({ length: 250 }, (_, index) => raise(`e${index}`, `tab-${index}`)));
      await quiet();
      expect(await parked.replay({})).toEqual({ replayed: 0, failed: 250, skipped: 0 });
      failing();
      expect(await parked.replay({})).toEqual({ replayed: 250, failed: 0, skipped: 0 });
    });

    test(
      'replays what could not be read once the contract can read it, unless its event ' +
        'came again meanwhile',
      async () => {
        const good = [raise('e1'), raise('e2')];
        await send(
          ...good.map((one) => ({ ...one, headers: { ...one.headers, ce_type: 'TabRaised.v2' } })),
        );
        await quiet();
        expect(await parked.replay({})).toEqual({ replayed: 0, failed: 1, skipped: 1 });
        expect((await parked.list()).messages[0]).toMatchObject({
          attempts: 2,
          code: 'EVENT_TYPE_UNKNOWN',
        });
        await send(good[1]!);
        await quiet();
        const wider = {
          ...tabTopic,
          events: { ...tabTopic.events, 'TabRaised.v2': tabTopic.events.TabRaised },
        };
        const strategyOfNextRelease = {
          binding: (group: string, name: string) => ({
            ...strategy.binding(group, name)!,
            topic: wider,
          }),
        };
        const next = new Parked({
          ...TWIN_PARTS,
          service: 'credit',
          store: credit,
          strategy: strategyOfNextRelease,
          clock: { now: () => now },
        });
        expect(await next.replay({})).toEqual({ replayed: 2, failed: 0, skipped: 0 });
        expect(script.calls).toEqual(['e2', 'e1']);
      },
    );

    test('mends a message and replays it; what was sent is kept beside what was made of it', async () => {
      const good = raise('e1', 'tab-1', 100);
      await send({ ...good, value: '{"tabId":"tab-1","amountFen":-100}' });
      await quiet();
      const [{ id }] = (await parked.list()).messages as unknown as [{ id: string }];
      const why = 'the hospital says plus, by telephone';
      await expect(
        parked.replay(id, { value: '{"tabId":"tab-1","amountFen":"100"}', why }),
      ).rejects.toMatchObject({ code: 'CONTRACT_BROKEN', kind: 'invalid' });
      await expect(
        parked.replay(id, { value: '{"tabId":"tab-2","amountFen":100}', why }),
      ).rejects.toMatchObject({ code: 'KEY_MISMATCH' });
      expect(await parked.show(id)).toMatchObject({ status: 'parked', attempts: 1, mended: null });
      expect(await parked.replay(id, { value: good.value, why })).toEqual({
        replayed: 1,
        failed: 0,
        skipped: 0,
      });
      expect(await parked.show(id)).toMatchObject({
        status: 'replayed',
        value: '{"tabId":"tab-1","amountFen":-100}',
        mended: { value: good.value },
        why,
      });
      expect(
        await credit.transact((transaction) => transaction.rows(tabTable).find({})),
      ).toMatchObject([{ eventId: 'e1', amountFen: 100 }]);
      // The sender repeats the broken message: it is known. It sends the corrected one itself: that
      // is done already.
      await send({ ...good, value: '{"tabId":"tab-1","amountFen":-100}' }, good);
      await quiet();
      expect(await tabs()).toEqual(['e1']);
      expect(await parked.count()).toBe(0);
    });

    test('mends a message that its handler had refused: the mark that parking left is not in its way', async () => {
      script.fail = ({ data }) => {
        if (data.amountFen > 500) throw new DomainError(inventedCode('TAB_TOO_LARGE'), 'conflict');
      };
      await send(raise('e1', 'tab-1', 501));
      await quiet();
      expect(
        await parked.replay(await idOf('e1'), {
          value: raise('e1', 'tab-1', 499).value,
          why: 'a misprint',
        }),
      ).toMatchObject({ replayed: 1 });
      expect(await tabs()).toEqual(['e1']);
    });

    test('mends what a batch handler could not take', async () => {
      failing('e1');
      await send(raise('e1'));
      await quiet();
      const [{ id }] = (await parkedOfLedger.list()).messages as unknown as [{ id: string }];
      expect(
        await parkedOfLedger.replay(id, { headers: { ce_id: 'e1b' }, why: 'its id was taken' }),
      ).toMatchObject({ replayed: 1 });
      expect(script.batches.at(-1)).toEqual(['e1b']);
    });

    test('discards a message with a reason that is kept', async () => {
      failing('e1');
      await send(raise('e1'));
      await quiet();
      const id = await idOf('e1');
      await parked.discard(id, 'sent by mistake');
      expect(await parked.show(id)).toMatchObject({
        status: 'discarded',
        why: 'sent by mistake',
        settledAt: AT,
      });
      await expect(parked.discard(id, 'again')).rejects.toMatchObject({
        code: 'PARKED_CLOSED',
        kind: 'conflict',
      });
      await expect(parked.show('unknown')).rejects.toMatchObject({
        code: 'PARKED_UNKNOWN',
        kind: 'not-found',
      });
    });

    test('replays a batch handler’s message', async () => {
      failing('e1');
      await send(raise('e1'));
      await quiet();
      failing();
      expect(await parkedOfLedger.replay({})).toEqual({ replayed: 1, failed: 0, skipped: 0 });
      expect(script.batches).toEqual([['e1'], ['e1']]);
    });

    test(
      'replays the message of a batch handler that keeps marks of its own: parking ' +
        'has not marked it for the handler',
      async () => {
        let isDown = true;
        const handled: string[] = [];
        script.fail = (event) => {
          if (isDown) throw new Error('down');
          handled.push(event.id);
        };
        await send(raise('e1'));
        await quiet();
        isDown = false;
        expect(
          await ledger.transact((transaction) =>
            transaction.markHandled('visit-ledger.visit', 'e1'),
          ),
        ).toBe(true);
        expect(await parkedOfLedger.replay({})).toMatchObject({ replayed: 1 });
        expect(handled).toEqual(['e1']);
      },
    );

    test('reads the list page by page, oldest first', async () => {
      failing('e0', 'e1', 'e2');
      await send(raise('e0'), raise('e1'), raise('e2'));
      await quiet();
      const first = await parked.list({ countMax: 2 });
      const second = await parked.list({ countMax: 2, after: first.next! });
      expect(first.messages.map(({ messageId }) => messageId)).toEqual(['e0', 'e1']);
      expect(second).toMatchObject({ messages: [{ messageId: 'e2' }] });
      expect(second).not.toHaveProperty('next');
    });
  });
});

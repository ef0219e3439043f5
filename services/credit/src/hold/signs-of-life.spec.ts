import 'reflect-metadata';
import { message, visitLedgerVisits } from '@caretab/contracts';
import { busOfAll, BusStrategy, MemoryBus, TWIN_PARTS } from '@caretab/bus';
import { eventually } from '@caretab/hospital';
import { MemoryStore } from '@caretab/store';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CreditFixture, visitOf } from '../../test/holds.suite';
import { Grants } from './grants';
import { HoldConsumer } from './hold.consumer';
import { HoldPauses } from './hold-pauses';
import { holdTable } from './hold.table';
import { Holds } from './holds';

const DAY_MS = 24 * 3_600_000;

test('a batch of charges alone lets the hold of their visit live on', async () => {
  const store = new MemoryStore();
  const world = new CreditFixture(store);
  const person = await world.enrolled('a');
  await world.handleBatch([world.opened(person, 'one')]);
  const expiresAt = async (): Promise<number> => {
    const [hold] = await store.transact((transaction) => transaction.rows(holdTable).find({}));
    return hold!.expiresAt!.getTime();
  };
  const before = await expiresAt();
  world.clock.set(new Date(before - 1000).toISOString());

  const bus = new MemoryBus();
  await bus.declare([{ name: visitLedgerVisits.name, partitions: 1, retentionMs: DAY_MS }]);
  const strategy = new BusStrategy({
    ...TWIN_PARTS,
    ...{ bus, clock: world.clock, stores: new Map([['credit', store]]) },
    timers: { sleep: async () => undefined },
  });
  @Module({
    controllers: [HoldConsumer],
    providers: [
      { provide: Holds, useValue: world.holds },
      { provide: HoldPauses, useValue: world.pauses },
      { provide: Grants, useValue: world.grants },
    ],
  })
  class CreditModule {}
  const app = await NestFactory.createMicroservice(CreditModule, { strategy, logger: false });
  const { id, type, data } = world.deferred(person, 'one');
  const time = world.clock.now();
  const charge = message(visitLedgerVisits, type as 'ChargeDeferred', data as never, {
    ...{ id, time, source: 'visit-ledger' },
  });
  await busOfAll(bus).send(visitLedgerVisits.name, [
    { ...charge, value: JSON.stringify(charge.value) },
  ]);
  try {
    await app.listen();
    await eventually(async () => expect(await bus.lag('credit.hold', [charge.topic])).toBe(0));
    expect(charge.key).toBe(visitOf('one'));
    expect(await expiresAt()).toBeGreaterThan(before);
  } finally {
    await app.close();
    await bus.close();
  }
});

import 'reflect-metadata';
import { setTimeout as wait } from 'node:timers/promises';
import { hospitalReports } from '@caretab/contracts';
import { fixedClock } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import { Authors } from './authors';
import { BusStrategy } from './bus-strategy';
import { type BatchHandling, Consumes } from './consumes';
import { MemoryBus } from './memory-bus';
import { signingBus } from './signing-bus';
import { TWIN_AUTHORS, twinKeyOf } from './twin-authors';

const GROUP = 'gateway.report';
let taken: string[];

@Controller()
class ReportConsumer {
  @Consumes({
    from: hospitalReports('{institutionId}'),
    each: hospitalReports,
    group: GROUP,
    batch: true,
  })
  async reports(
    @Payload() reports: readonly { readonly id: string }[],
    @Ctx() { messages }: BatchHandling,
  ): Promise<void> {
    taken.push(...reports.map(({ id }, index) => `${id} of ${messages[index]!.topic}`));
  }
}

@Module({ controllers: [ReportConsumer] })
class TestModule {}

const until = async (condition: () => boolean): Promise<void> => {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 1000) throw new Error('what the test waits for did not come');
    await wait(2);
  }
};

const world = async (...hospitals: string[]) => {
  taken = [];
  const bus = new MemoryBus();
  const strategy = new BusStrategy({
    bus,
    authors: new Authors(TWIN_AUTHORS, fixedClock('2026-03-02T00:00:00Z')),
    stores: new Map([['gateway', new MemoryStore()]]),
    clock: fixedClock('2026-03-02T00:00:00Z'),
    timers: { sleep: async () => undefined },
    hospitals: () => hospitals,
  });
  const app = await NestFactory.createMicroservice(TestModule, { strategy, logger: false });
  await app.listen();
  const report = (id: string, topic: string): Promise<void> => {
    const data = { visitId: `${topic}-V1`, institutionId: topic, visitNumber: 'V1' };
    return signingBus(bus, () => twinKeyOf(`hospital/${topic}`)).send(hospitalReports(topic).name, [
      {
        key: data.visitId,
        headers: {
          ...{ ce_id: id, ce_type: 'VisitEnded', ce_source: `hospital/${topic}` },
          ce_time: '2026-03-02T00:00:00Z',
        },
        value: JSON.stringify({ ...data, endedAt: '2026-03-02T08:00:00+08:00' }),
      },
    ]);
  };
  return { bus, strategy, hospitals, report, close: () => app.close() };
};

test('a hospital that comes later is read too, and the others go on where they were', async () => {
  const { strategy, hospitals, report, close } = await world('HZ003');
  await report('first', 'HZ003');
  await until(() => taken.length === 1);
  hospitals.push('HZ004');
  await strategy.takeOver();
  await report('second', 'HZ004');
  await report('third', 'HZ003');
  await until(() => taken.length === 3);
  expect(taken.sort()).toEqual([
    'first of hospital.reports.HZ003',
    'second of hospital.reports.HZ004',
    'third of hospital.reports.HZ003',
  ]);
  await close();
});

test('without a hospital no group is joined; its first one joins it', async () => {
  const { strategy, hospitals, report, close } = await world();
  expect(strategy.consumers()).toEqual([]);
  expect(strategy.groups('gateway')).toEqual([GROUP]);
  await strategy.takeOver();
  hospitals.push('HZ003');
  await strategy.takeOver();
  await report('first', 'HZ003');
  await until(() => taken.length === 1);
  await close();
});

test('what is left on a topic is read when its last key has gone', async () => {
  const { strategy, hospitals, close } = await world('HZ003');
  hospitals.splice(0);
  await strategy.takeOver();
  expect(strategy.topicsOf(GROUP)).toEqual(['hospital.reports.HZ003']);
  await close();
});

test('where the bus refuses a new topic, the old ones are still read', async () => {
  const { bus, strategy, hospitals, report, close } = await world('HZ003');
  hospitals.push('HZ004');
  const declare = bus.declare.bind(bus);
  bus.declare = () => Promise.reject(new Error('no right to create it'));
  await expect(strategy.takeOver()).rejects.toThrow('no right to create it');
  await report('first', 'HZ003');
  await until(() => taken.length === 1);
  bus.declare = declare;
  await strategy.takeOver();
  await report('second', 'HZ004');
  await until(() => taken.length === 2);
  await close();
});

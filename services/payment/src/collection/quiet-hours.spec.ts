import { PERSON, policy, till, VISIT } from '../../test/till';
import { quietHoursOf, quietUntil } from './quiet-hours';

const night = quietHoursOf('21:00-08:00');

describe('quiet hours', () => {
  test.each([
    ['2026-03-02T20:59:59.999+08:00', undefined],
    ['2026-03-02T21:00:00+08:00', '2026-03-03T08:00:00+08:00'],
    ['2026-03-02T23:59:59.999+08:00', '2026-03-03T08:00:00+08:00'],
    ['2026-03-03T00:00:00+08:00', '2026-03-03T08:00:00+08:00'],
    ['2026-03-03T07:59:59.999+08:00', '2026-03-03T08:00:00+08:00'],
    ['2026-03-03T08:00:00+08:00', undefined],
  ])('at %s last until %s', (now, until) =>
    expect(quietUntil(night, new Date(now))?.getTime()).toBe(until && Date.parse(until)),
  );
  test('within one day, or none at all', () => {
    const noon = new Date('2026-03-02T12:30:00+08:00');
    expect(quietUntil(quietHoursOf('12:00-14:00'), noon)).toEqual(
      new Date('2026-03-02T14:00:00+08:00'),
    );
    for (const setting of ['off', '08:00-08:00', '14:00-12:00'])
      expect(quietUntil(quietHoursOf(setting), noon)).toBeUndefined();
  });
});

describe('a collection at night', () => {
  const evening = '2026-03-02T21:30:00+08:00';
  const due = async (now: string, token = 'card:ok') => {
    const machine = till({ policy: { ...policy, quietHours: night } });
    machine.clock.set(now);
    await machine.accounts.bind(PERSON, { channel: 'unionpay', token });
    await machine.adjudicate();
    await machine.collector.runOnce();
    return { ...machine, paid: () => machine.memoryChannel.payments.size };
  };

  test('waits to the morning, and is made then', async () => {
    const { collector, clock, paid } = await due(evening);
    clock.set('2026-03-03T07:59:00+08:00');
    await collector.runOnce();
    expect(paid()).toBe(0);
    clock.set('2026-03-03T08:00:00+08:00');
    await collector.runOnce();
    expect(paid()).toBe(1);
  });

  test('is made at once where the citizen asks for it', async () => {
    const { collector, collections, paid } = await due(evening);
    await collections.payNow(VISIT, undefined);
    await collector.runOnce();
    expect(paid()).toBe(1);
  });

  test('that never reached the bank in the evening is not sent again before the morning', async () => {
    const { collector, clock, paid } = await due(
      '2026-03-02T20:59:59+08:00',
      'card:no-answer-lost',
    );
    for (let round = 0; round < 20; round += 1) {
      clock.set(`2026-03-02T21:${String(10 + round)}:00+08:00`);
      await collector.runOnce();
    }
    expect(paid()).toBe(0);
    clock.set('2026-03-03T08:00:00+08:00');
    await collector.runOnce();
    expect(paid()).toBe(1);
  });

  test('that was declined by day is tried again in the morning', async () => {
    const { collector, clock, paid } = await due('2026-03-02T20:59:30+08:00', 'card:declined-once');
    clock.set(evening);
    await collector.runOnce();
    expect(paid()).toBe(1);
    clock.set('2026-03-03T08:00:00+08:00');
    await collector.runOnce();
    expect(paid()).toBe(2);
  });
});

import { Degradations } from './degradations';
import type { Health } from './health';
import { HealthController } from './health.controller';
import { ParkedByService } from './operator.controller';

test('health says what is degraded, of which service, why and since when, and that it is up otherwise', async () => {
  const since = new Date('2026-03-02T09:00:00Z');
  let isAway = true;
  const degradations = new Degradations();
  degradations.report('payment', () =>
    isAway ? [{ what: 'channel unionpay', why: 'the acquirer answers 401', since }] : [],
  );
  const parked = new ParkedByService([
    ['payment', {} as never],
    ['credit', {} as never],
  ]);
  const health = { databasesDown: async () => [], busAnswers: async () => true };
  const controller = new HealthController(health as unknown as Health, parked, degradations);
  expect(await controller.health()).toEqual({
    status: 'degraded',
    services: { payment: 'degraded', credit: 'up' },
    bus: 'up',
    degraded: [
      { service: 'payment', what: 'channel unionpay', why: 'the acquirer answers 401', since },
    ],
  });
  isAway = false;
  expect(await controller.health()).toEqual({
    status: 'up',
    services: { payment: 'up', credit: 'up' },
    bus: 'up',
  });
});

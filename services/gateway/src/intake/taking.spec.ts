import { MemoryStore } from '@caretab/store';
import { gatewayOn, personIdOf } from '../../test/gateway';
import { togetherSuite } from '../../test/together.suite';

togetherSuite(() => {
  const statements: string[] = [];
  const store = new MemoryStore({
    at: (point, what) => {
      if (point === 'operation') statements.push(what);
      if (point === 'commit') statements.push(`commit ${what}`);
    },
  });
  return Promise.resolve({ store, statements });
});

test('more than may wait are sent away, and what waits is taken', async () => {
  let goOn = (): void => undefined;
  const blocked = new Promise<void>((resolve) => (goOn = resolve));
  let isAsked = (): void => undefined;
  const gateway = gatewayOn(new MemoryStore({ at: () => (isAsked(), blocked) }));
  const opening = (number: number) =>
    gateway.httpDoor.submit('HZ002', {
      action: 'start',
      key: `opening-${number}`,
      body: {
        ...{ visitNumber: `V${number}`, visitClass: 'outpatient', personId: personIdOf(1) },
        startedAt: '2024-01-15T09:00:00+08:00',
      },
    });
  const sent: ReturnType<typeof opening>[] = [];
  // Two batches are under way at once.
  for (const number of [1, 2]) {
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    sent.push(opening(number));
    await asked;
  }
  for (let number = 3; number <= 1_003; number += 1) sent.push(opening(number));
  await expect(sent.at(-1)).rejects.toMatchObject({
    ...{ code: 'OVERLOADED', kind: 'overloaded' },
    details: { retryAfterSeconds: 1 },
  });
  goOn();
  expect(await Promise.all(sent.slice(0, -1))).toHaveLength(1_002);
});

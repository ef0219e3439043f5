import { MemoryStore } from '@caretab/store';
import { answered, charge, gatewayOn, hl7 } from '../../test/gateway';
import { charging, opening, outcomes, togetherSuite } from '../../test/together.suite';

togetherSuite(() => Promise.resolve(new MemoryStore()));

test('both doors share a batch', async () => {
  let commits = 0;
  const at = (point: string): void => void (commits += Number(point === 'commit'));
  const gateway = gatewayOn(new MemoryStore({ at }));
  await outcomes(gateway, [opening(1)]);
  commits = 0;
  const [over, http] = await Promise.all([
    gateway.hl7Door.answer(Buffer.from(hl7('DFT^P03', { ft1: [charge('T1')] }), 'utf8')),
    outcomes(gateway, [charging(1)]),
  ]);
  expect([answered(over).code, ...http]).toEqual(['AA', 'accepted']);
  expect(commits).toBe(1);
});

test('more than may wait are sent away, and what waits is taken', async () => {
  let goOn = (): void => undefined;
  const blocked = new Promise<void>((resolve) => (goOn = resolve));
  let isAsked = (): void => undefined;
  const gateway = gatewayOn(new MemoryStore({ at: () => (isAsked(), blocked) }));
  const send = (number: number) => gateway.httpDoor.submit('HZ002', opening(number));
  const sent: ReturnType<typeof send>[] = [];
  // Two batches are under way at once.
  for (const number of [1, 2]) {
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    sent.push(send(number));
    await asked;
  }
  for (let number = 3; number <= 1_003; number += 1) sent.push(send(number));
  await expect(sent.at(-1)).rejects.toMatchObject({
    ...{ code: 'OVERLOADED', kind: 'overloaded' },
    details: { retryAfterSeconds: 1 },
  });
  goOn();
  expect(await Promise.all(sent.slice(0, -1))).toHaveLength(1_002);
});

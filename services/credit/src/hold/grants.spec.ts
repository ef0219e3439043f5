import { MemoryStore } from '@caretab/store';
import type { LinePolicyDocument } from '@caretab/contracts';
import fc from 'fast-check';
import { CreditFixture } from '../../test/holds.suite';
import { type LinePolicy, linePolicies, policyOf } from '../policy/line-policy';

const HOUR_MS = 3_600_000;
const { document } = linePolicies[1]!;
const { outpatient, emergency, inpatient, family } = document.products;

/** One policy of these products, in force since 2023. */
const policies = (
  products: LinePolicyDocument['products'],
  changes: Partial<LinePolicyDocument> = {},
): readonly LinePolicy[] => [policyOf({ ...document, products, ...changes })];
const worldOf = (...given: Parameters<typeof policies>): CreditFixture =>
  new CreditFixture(new MemoryStore(), 'event', policies(...given));

const declined = (reason: string) => ({ type: 'CreditDeclined', data: { reason } });
const capped = { outpatient: { ...outpatient!, visitCapFen: 30_000, dayCapFen: 50_000 } };

test('a hold grows to the visit’s cap and no further', async () => {
  const world = worldOf(capped);
  const person = await world.enrolled('a');
  await world.opens(person, 'v');
  expect(await world.last()).toMatchObject({ data: { heldFen: 20_000 } });
  await world.asks(person, 'v', 30_001);
  expect(await world.last()).toMatchObject({
    type: 'HoldIncreaseDeclined',
    data: { reason: 'OVER_VISIT_CAP', heldFen: 20_000 },
  });
  await world.asks(person, 'v', 29_000, 90_000);
  expect(await world.last()).toMatchObject({ type: 'HoldIncreased', data: { heldFen: 30_000 } });
});

test('visits of one day take no more of the line than the day’s cap', async () => {
  const world = worldOf(capped);
  const person = await world.enrolled('a', 700);
  for (const name of ['a', 'b', 'c']) await world.opens(person, name);
  expect((await world.hold('c'))?.heldFen).toBe(10_000);
  await world.opens(person, 'd');
  expect(await world.last()).toMatchObject(declined('OVER_DAY_CAP'));
  await world.asks(person, 'c', 10_001);
  expect(await world.last()).toMatchObject({ data: { reason: 'OVER_DAY_CAP' } });
  await world.cancelled(person, 'a');
  await world.asks(person, 'c', 30_000);
  expect(await world.last()).toMatchObject({ type: 'HoldIncreased', data: { heldFen: 30_000 } });
  // A due of the day still counts to it, also when it is paid.
  await world.adjudicated(person, 'c', 30_000);
  await world.settled(person, 'c', 30_000);
  await world.opens(person, 'e');
  expect(await world.last()).toMatchObject(declined('OVER_DAY_CAP'));
  world.clock.advance(24 * HOUR_MS);
  await world.opens(person, 'f');
  expect(await world.last()).toMatchObject({ data: { heldFen: 20_000 } });
  expect((await world.hold('f'))?.openedOn).toBe('2026-03-03');
});

test('who lends is said with the hold, as the product of the visit’s class has it', async () => {
  const lender = { kind: 'hospital' as const };
  const world = worldOf({ outpatient: { ...outpatient!, lender }, emergency: emergency! });
  const person = await world.enrolled('a');
  await world.opens(person, 'v');
  expect(await world.last()).toMatchObject({ type: 'CreditAuthorized', data: { lender } });
  await world.opens(person, 'w', 'emergency');
  expect((await world.last())!.data).not.toHaveProperty('lender');
});

test('a hold grows by whole steps while these fit', async () => {
  const world = worldOf({
    outpatient: { ...outpatient!, increaseStepFen: 15_000, visitCapFen: 60_000 },
  });
  const person = await world.enrolled('a');
  await world.opens(person, 'v');
  await world.asks(person, 'v', 20_001);
  expect(await world.last()).toMatchObject({ data: { heldFen: 35_000 } });
  await world.asks(person, 'v', 50_001);
  expect(await world.last()).toMatchObject({ data: { heldFen: 60_000 } });
});

test('what a policy does not cover is declined with its reason', async () => {
  const world = worldOf(
    {
      outpatient: outpatient!,
      emergency: emergency!,
      inpatient: { ...inpatient!, fromScore: 650 },
    },
    {
      exclusions: [{ institutionId: 'H1', product: 'emergency', why: 'why', source: 'own' }],
    },
  );
  const person = await world.enrolled('a', 600);
  const child = await world.registered('child', true);
  await world.guardian(child, person);
  await world.enrolments.open(child);
  await world.opens(person, 'v', 'emergency');
  expect(await world.last()).toMatchObject(declined('EXCLUDED'));
  await world.opens(person, 'stay', 'inpatient');
  expect(await world.last()).toMatchObject(declined('SCORE_TOO_LOW'));
  await world.opens(child, 'w');
  expect(await world.last()).toMatchObject(declined('NOT_COVERED'));
  await world.opens(person, 'x');
  expect(await world.last()).toMatchObject({ type: 'CreditAuthorized' });
});

test('wards have a cap of the day together, beside that of the visit’s class', async () => {
  const world = worldOf({ outpatient: outpatient!, family: { ...family!, dayCapFen: 25_000 } });
  const guardian = await world.enrolled('a', 700);
  const children = [await world.registered('c1', true), await world.registered('c2', true)];
  for (const child of children) {
    await world.guardian(child, guardian);
    await world.enrolments.open(child);
  }
  await world.opens(children[0]!, 'v1');
  await world.opens(children[1]!, 'v2');
  expect((await world.hold('v2'))?.heldFen).toBe(5000);
  await world.opens(guardian, 'own');
  expect((await world.hold('own'))?.heldFen).toBe(20_000);
});

test('a person below what eligibility asks for opens no service', async () => {
  const world = worldOf(document.products, {
    eligibility: { scoreMin: 584, source: 'own' },
    bands: [{ ...document.bands[0]!, fromScore: 584, toScore: 1000 }],
  });
  await expect(world.enrolled('a', 583)).rejects.toMatchObject({ code: 'SCORE_TOO_LOW' });
  await expect(world.enrolled('b', 584)).resolves.toBeDefined();
});

test('whatever visits ask for, no visit and no day goes above its cap', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 0, max: 60_000 })), { maxLength: 25 }),
      async (asks) => {
        const world = worldOf(capped);
        const person = await world.enrolled('a', 700);
        for (const [visit, neededFen] of asks) {
          await world.opens(person, `v${visit}`);
          await world.asks(person, `v${visit}`, neededFen, neededFen + 5000);
          const holds = await Promise.all([0, 1, 2, 3, 4, 5].map((n) => world.hold(`v${n}`)));
          const held = holds.map((hold) => hold?.heldFen ?? 0);
          expect(Math.max(...held)).toBeLessThanOrEqual(30_000);
          expect(held.reduce((sum, fen) => sum + fen, 0)).toBeLessThanOrEqual(50_000);
        }
      },
    ),
    { numRuns: 50 },
  ));

import { businessDateOf } from '@caretab/contracts';
import { CONSULTATION, sumFen } from '../catalogue';
import { eventually } from '@caretab/hospital';
import type { Citizen } from '../citizen';
import { World } from '../world';

const world = new World('merged-and-unmerged');
const { api } = world;

const sexOf = ({ idNumber }: Citizen): number => Number(idNumber[16]) % 2;
/** Two registrations that may be one human being: of one birthday and sex, by two numbers. */
const two = async (): Promise<readonly [Citizen, Citizen]> => {
  const wish = { name: '欧阳晚晴', born: 1985, birthday: '19850412', score: 600 };
  const first = await world.citizen(wish);
  for (;;) {
    const other = await world.citizen(wish);
    if (sexOf(other) === sexOf(first)) return [first, other];
  }
};

/** What a person has used of their basic plan this year: by how many claims, and of the deductible. */
const useOf = async ({ personId }: Citizen): Promise<readonly [number, number]> => {
  const year = businessDateOf(new Date()).slice(0, 4);
  const use = await api.get<any>(`/adjudication/memberships/${personId}/use?year=${year}`);
  const plans: { claims: number; deductibleFen: number }[] = use.plans;
  return [
    plans.reduce((sum, { claims }) => sum + claims, 0),
    plans.reduce((sum, { deductibleFen }) => sum + deductibleFen, 0),
  ];
};

test('merge then unmerge keeps every tab, line and accumulator right, now and at any instant before', async () => {
  const hospital = await world.hospital();
  const [survivor, merged] = await two();
  const line = await world.lineOf(survivor);
  const memberships = [{ planId: 'employee-basic', psnType: '11', from: '2024-01-01' }];
  for (const { personId } of [survivor, merged])
    await api.done('PUT', `/adjudication/memberships/${personId}`, { memberships });
  const before = hospital.visitOf(merged);
  await before.opens();
  await world.becomes(before.visitId, { personId: merged.personId, heldFen: 20_000 });

  const path = `/identity/persons/${survivor.personId}/merges`;
  const evidence = { kind: 'number-changed', reference: 'P-2026-17' };
  const asked = { mergedId: merged.personId, evidence, why: 'the police changed the number' };
  const { mergeId } = await api.doneByTwo('POST', path, asked);
  await eventually(async () =>
    expect(await world.lineOf(merged)).toMatchObject({
      ...{ accountPersonId: survivor.personId, lineFen: line.lineFen, heldFen: 20_000 },
    }),
  );
  // The hospital goes on by the number that it has: the visit stays under its own id.
  await before.charges(CONSULTATION);
  await world.becomes(before.visitId, { chargesDeferred: 1, personId: merged.personId });
  const visitsOf = async ({ personId }: Citizen): Promise<string[]> =>
    (await api.get(`/visit-ledger/persons/${personId}/visits`)).visits.map(
      ({ visitId }: { visitId: string }) => visitId,
    );
  await eventually(async () => expect(await visitsOf(survivor)).toEqual([before.visitId]));
  const since = hospital.visitOf(merged);
  await since.opens();
  await world.becomes(since.visitId, { personId: survivor.personId, heldFen: 20_000 });
  expect(await world.lineOf(survivor)).toMatchObject({ heldFen: 40_000 });
  const mergedAt = new Date().toISOString();

  await api.doneByTwo('POST', `${path}/${mergeId}/undo`, { why: 'two brothers' });
  await eventually(async () => {
    expect(await world.lineOf(merged)).toMatchObject({
      ...{ accountPersonId: merged.personId, heldFen: 20_000 },
    });
    expect(await world.lineOf(survivor)).toMatchObject({
      ...{ lineFen: line.lineFen, heldFen: 20_000 },
    });
    expect(await visitsOf(survivor)).toEqual([since.visitId]);
    expect(await visitsOf(merged)).toEqual([before.visitId]);
  });
  // The tab goes on where it began: it is paid by whose it is, and frees that line alone.
  await before.ends();
  const dueFen = sumFen(CONSULTATION);
  await world.becomes(before.visitId, {
    ...{ status: 'settled', accountPersonId: merged.personId, paidFen: dueFen },
  });
  await eventually(async () => {
    expect(await world.lineOf(merged)).toMatchObject({ heldFen: 0, outstandingFen: 0 });
    expect(await world.lineOf(survivor)).toMatchObject({ heldFen: 20_000, outstandingFen: 0 });
  });
  // What a visit used of the year's deductible is used by whose visit it is.
  const usedBy = async (visitId: string): Promise<number> =>
    (await api.get<any>(`/adjudication/claims/${visitId}`)).totals.inScopeFen;
  expect(await usedBy(before.visitId)).toBeGreaterThan(0);
  expect(await useOf(merged)).toEqual([1, await usedBy(before.visitId)]);
  expect(await useOf(survivor)).toEqual([0, 0]);
  const between = await world.api.get<any>(
    `/credit/accounts/${survivor.personId}/line?at=${mergedAt}`,
  );
  expect(between).toMatchObject({ heldFen: 40_000, status: 'open' });
});

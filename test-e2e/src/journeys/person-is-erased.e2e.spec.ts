import { eventually } from '@caretab/hospital';
import { World } from '../world';

const world = new World('person-is-erased');

test('what was refused of a person is gone from the quarantine with the person’s data', async () => {
  const institutionId = 'ERASURE1';
  const { apiKey } = await world.api.done('PUT', `/identity/institutions/${institutionId}`, {
    name: 'Hospital of the erasure',
    level: 'level-2',
  });
  const { personId, idNumber } = await world.citizen({ enrolled: false });
  const refused = await world.api.ask(
    'POST',
    '/v1/visits',
    {
      visitNumber: 'E1',
      visitClass: 'no such class',
      credential: { type: 'id-number', value: idNumber },
      startedAt: '2026-03-02T09:00:00+08:00',
    },
    { authorization: `Bearer ${apiKey}`, 'idempotency-key': 'erasure-1-start' },
  );
  expect(refused.status).toBe(400);
  const [entry] = await world.api.get<any[]>(`/gateway/quarantine?institutionId=${institutionId}`);
  const path = `/gateway/quarantine/${entry.id}`;
  expect((await world.api.get(path)).message).toContain(idNumber);
  await world.api.done('DELETE', `/identity/persons/${personId}/personal-data`);
  await eventually(async () =>
    expect(await world.api.ask('GET', path)).toMatchObject({
      status: 409,
      body: { code: 'RAW_FORGOTTEN' },
    }),
  );
  expect(
    await world.api.get<any[]>(
      `/gateway/quarantine?institutionId=${institutionId}&status=discarded`,
    ),
  ).toMatchObject([{ id: entry.id, why: 'personal data destroyed' }]);
});

import { creditAuthorizations, identityPersons, message, read } from '@caretab/contracts';
import { MemoryStore } from '@caretab/store';
import { Guardians } from './guardians';
import { PersonConsumer } from './person.consumer';

const [child, guardian, stranger] = [1, 2, 3].map(
  (digit) => `p-${String(digit).repeat(8)}-1111-4111-8111-111111111111`,
) as [string, string, string];
const time = new Date('2026-03-02T09:00:00Z');

const authorized = (accountPersonId: string) => {
  const data = {
    ...{ visitId: 'HZ001-V1', personId: child, accountPersonId },
    ...{ authorizationId: 'a1', heldFen: 30_000, expiresAt: time.toISOString() },
  };
  const sent = message(creditAuthorizations, 'CreditAuthorized', data, {
    ...{ id: 'm1', time, source: 'credit' },
  });
  return read(creditAuthorizations, { ...sent, value: JSON.stringify(sent.value) });
};
const appointed = (guardianId: string) => {
  const data = { personId: child, guardianId, appointedAt: time.toISOString() };
  const sent = message(identityPersons, 'GuardianAppointed', data, {
    ...{ id: `g-${guardianId}`, time, source: 'identity' },
  });
  return read(identityPersons, { ...sent, value: JSON.stringify(sent.value) });
};

test('a visit is put on no line but the patient’s and a guardian’s, also of one who was one', async () => {
  const store = new MemoryStore();
  const guardians = new Guardians(store);
  const check = async (by: string): Promise<void> => {
    const answer = authorized(by);
    (await guardians.of([answer]))(answer);
  };
  await check(child);
  const unknown = { code: 'GUARDIAN_UNKNOWN', kind: 'awaited' };
  await expect(check(guardian)).rejects.toMatchObject(unknown);
  await store.transact(async (transaction) => {
    await new PersonConsumer().persons(appointed(guardian), { transaction });
    await new PersonConsumer().persons(appointed('p-44444444-1111-4111-8111-111111111111'), {
      transaction,
    });
  });
  await check(guardian);
  await expect(check(stranger)).rejects.toMatchObject(unknown);
});

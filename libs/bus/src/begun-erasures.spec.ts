import { MemoryStore } from '@caretab/store';
import { erasureBegun, erasureEnded } from './begun-erasures';

const personId = 'p-11111111-1111-4111-8111-111111111111';
const [erasureId, other] = [1, 2].map((digit) => `e-0000000${digit}-0000-4000-8000-000000000000`);
const destroyed = (id: string | undefined) => ({
  ...{ id: 'm1', type: 'PersonalDataDestroyed' },
  data: { personId, erasureId: id },
});

test('nothing of a person is destroyed but by an erasure that was begun, once', async () => {
  const store = new MemoryStore();
  const forgotten: string[] = [];
  const ends = (id: string | undefined): Promise<void> =>
    store.transact((transaction) =>
      erasureEnded(transaction, destroyed(id), async ({ data }) => {
        forgotten.push(data.personId);
      }),
    );
  const impossible = { code: 'MESSAGE_IMPOSSIBLE', details: { field: '/erasureId' } };
  await expect(ends(erasureId)).rejects.toMatchObject(impossible);
  await store.transact((transaction) =>
    erasureBegun(transaction, { data: { personId, erasureId: erasureId! } }),
  );
  await expect(ends(other)).rejects.toMatchObject(impossible);
  await expect(ends(undefined)).rejects.toMatchObject(impossible);
  expect(forgotten).toEqual([]);
  await ends(erasureId);
  expect(forgotten).toEqual([personId]);
  await expect(ends(erasureId)).rejects.toMatchObject(impossible);
});

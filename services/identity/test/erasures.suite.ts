import type { Store, Transaction } from '@caretab/store';
import { erasedPersonTable, erasureTable } from '../src/erasure/erasure.table';
import { adult, child, identityOn, idNumberOf, outbox } from './persons.suite';

/** Identity, and what other services would answer to its events. */
export const erasingOn = (store: Store) => {
  const world = identityOn(store);
  const { erasures } = world;
  const within = (work: (transaction: Transaction) => Promise<void>): Promise<void> =>
    store.transact(work);
  /** Another service says it, of the person of the erasure. */
  const said = async <Data extends object>(
    transaction: Transaction,
    type: string,
    data: Data & { readonly erasureId: string },
  ) => {
    const { erasureId } = data;
    const row = await transaction.rows(erasureTable).get({ erasureId });
    return { type, data: { ...data, personId: row!.personId } };
  };
  return {
    ...world,
    noticeEnds: (erasureId: string) =>
      within(async (transaction) =>
        erasures.noticeEnded(
          await said(transaction, 'ClosingNoticeEnded', { erasureId, outcome: 'sent' as const }),
          transaction,
        ),
      ),
    forgets: (service: 'credit' | 'payment' | 'notification' | 'gateway', erasureId: string) =>
      within(async (transaction) =>
        erasures.forgotten(
          service,
          await said(transaction, 'PersonForgotten', {
            ...{ erasureId, destroyed: [{ table: 'a_table', rows: 3 }] },
          }),
          transaction,
        ),
      ),
    types: async () => (await outbox(store)).map(({ headers }) => headers['ce_type']),
  };
};
type World = ReturnType<typeof erasingOn>;

const FOLLOWERS = ['credit', 'payment', 'notification', 'gateway'] as const;

export const erased = async (world: World, personId: string): Promise<void> => {
  const { erasureId } = await world.erasures.request(personId, 'op-2');
  await world.noticeEnds(erasureId);
  for (const service of FOLLOWERS) await world.forgets(service, erasureId);
};

/** The rules of an erasure, held by both stores. */
export const erasuresSuite = (open: () => Promise<Store>): void => {
  const begin = async () => {
    const world = erasingOn(await open());
    const { personId } = await world.persons.register(adult);
    return { ...world, personId };
  };

  test('an erasure closes the service, waits for the closing notice, and then for everybody', async () => {
    const world = await begin();
    const { personId, erasures, persons, neighbours } = world;
    await expect(erasures.request(personId)).rejects.toThrow('APPROVAL_NEEDED');
    expect(neighbours.closed.has(personId)).toBe(false);
    const { erasureId, ...closing } = await erasures.request(personId, 'op-2');
    expect(closing).toMatchObject({ status: 'closing', destroyed: [], kept: [] });
    expect(neighbours.closed.has(personId)).toBe(true);
    expect((await persons.contact(personId)).email).toBe(adult.email);
    await world.noticeEnds(erasureId);
    expect(await erasures.show(personId)).toMatchObject({
      status: 'destroying',
      closingNotice: 'sent',
      waitsFor: [...FOLLOWERS],
    });
    await expect(persons.show(personId)).rejects.toThrow('PERSONAL_DATA_DESTROYED');
    await expect(persons.contact(personId)).rejects.toThrow('PERSONAL_DATA_DESTROYED');
    for (const service of FOLLOWERS) {
      await world.forgets(service, erasureId);
      await world.forgets(service, erasureId);
    }
    const receipt = await erasures.request(personId);
    expect(receipt).toMatchObject({ status: 'done', waitsFor: [] });
    expect(receipt.destroyed).toEqual(
      expect.arrayContaining([
        { service: 'identity', table: 'identifier', rows: 2 },
        { service: 'gateway', table: 'a_table', rows: 3 },
      ]),
    );
    expect(receipt.destroyed.filter(({ service }) => service === 'gateway')).toHaveLength(1);
    expect(receipt.kept).toContainEqual(
      expect.objectContaining({ service: 'identity', until: '2029-03-02' }),
    );
    expect(await world.types()).toEqual([
      'PersonRegistered',
      'ErasureBegun',
      'PersonalDataDestroyed',
    ]);
  });

  test.each([
    ['an open visit', 'visits', { visits: [{ status: 'open', owedFen: 0 }] }],
    ['a debt', 'debts', { visits: [{ status: 'adjudicated', owedFen: 1 }] }],
    ['money owed back', 'refunds', { visits: [{ status: 'settled', owedFen: -1 }] }],
    ['a hold', 'holds', { credit: { holds: 1, debts: 0, wards: 0 } }],
    ['a ward on the line', 'wards', { credit: { holds: 0, debts: 0, wards: 1 } }],
  ])('%s stands in the way, and nothing is closed', async (_what, field, found) => {
    const { personId, erasures, persons, neighbours } = await begin();
    if ('visits' in found) neighbours.visitsOfPerson = [...found.visits!];
    if ('credit' in found) neighbours.standing = found.credit!;
    await expect(erasures.request(personId)).rejects.toMatchObject({
      code: 'ERASURE_REFUSED',
      details: { faults: [{ field, remedy: expect.any(String) }] },
    });
    expect(neighbours.closed.size).toBe(0);
    await expect(erasures.show(personId)).rejects.toThrow('ERASURE_UNKNOWN');
    expect(await persons.resolve('id-number', adult.idNumber)).toBe(personId);
  });

  test('every obstacle is in the answer, with what ends it', async () => {
    const { personId, erasures, guardianships, persons, neighbours } = await begin();
    const { personId: childId } = await persons.register(child);
    await guardianships.appoint(childId, { guardianId: personId, relation: '5' });
    neighbours.visitsOfPerson = [{ status: 'closed', owedFen: 5 }];
    await expect(erasures.request(personId)).rejects.toMatchObject({
      details: { faults: [{ field: 'visits' }, { field: 'debts' }, { field: 'wards' }] },
    });
    await expect(erasures.request('p-none')).rejects.toThrow('PERSON_UNKNOWN');
  });

  test('a hold that came meanwhile refuses it late, and the person is as before', async () => {
    const world = await begin();
    const { personId, erasures, persons, neighbours } = world;
    neighbours.isAway = true;
    await expect(erasures.request(personId, 'op-2')).rejects.toThrow('CREDIT_UNAVAILABLE');
    neighbours.isAway = false;
    const { credit } = neighbours;
    // Free when asked, held when it is to be closed.
    neighbours.credit = async (id, close) => {
      neighbours.standing = { holds: close ? 1 : 0, debts: 0, wards: 0 };
      return credit.call(neighbours, id, close);
    };
    await expect(erasures.request(personId, 'op-2')).rejects.toThrow('ERASURE_REFUSED');
    expect(await erasures.show(personId)).toMatchObject({
      status: 'refused',
      refused: [{ field: 'holds' }],
    });
    expect(await persons.resolve('id-number', adult.idNumber)).toBe(personId);
    expect(await world.types()).toEqual(['PersonRegistered']);
  });

  test('what credit could not answer is gone on with later', async () => {
    const { personId, erasures, neighbours } = await begin();
    const { credit } = neighbours;
    neighbours.credit = async (id, close) => {
      neighbours.isAway = close;
      return credit.call(neighbours, id, close);
    };
    expect(await erasures.request(personId, 'op-2')).toMatchObject({ status: 'requested' });
    expect(await erasures.countUnderWay()).toBe(1);
    expect(await erasures.runOnce()).toBe(0);
    neighbours.credit = credit.bind(neighbours);
    neighbours.isAway = false;
    expect(await erasures.runOnce()).toBe(1);
    expect(await erasures.show(personId)).toMatchObject({ status: 'closing' });
    expect(await erasures.runOnce()).toBe(0);
  });

  test('a closing notice that does not end holds the erasure up for a day', async () => {
    const { personId, erasures, clock } = await begin();
    await erasures.request(personId, 'op-2');
    clock.advance(24 * 3_600_000 - 1);
    expect(await erasures.runOnce()).toBe(0);
    clock.advance(1);
    expect(await erasures.runOnce()).toBe(1);
    expect(await erasures.show(personId)).toMatchObject({
      status: 'destroying',
      closingNotice: 'not-in-time',
    });
  });

  test('who is being erased opens no visit, is not changed, and gets no ward', async () => {
    const { personId, erasures, persons, guardianships } = await begin();
    const { personId: childId } = await persons.register(child);
    await erasures.request(personId, 'op-2');
    await expect(persons.resolve('id-number', adult.idNumber)).rejects.toThrow('PERSON_UNKNOWN');
    await expect(persons.register(adult)).rejects.toThrow('ERASURE_UNDER_WAY');
    await expect(
      guardianships.appoint(childId, { guardianId: personId, relation: '5' }),
    ).rejects.toThrow('ERASURE_UNDER_WAY');
  });

  test('who was erased and registers again is the same person, under any name', async () => {
    const world = await begin();
    const { personId, erasures, persons, clock } = world;
    await erased(world, personId);
    await expect(persons.resolve('id-number', adult.idNumber)).rejects.toThrow('PERSON_UNKNOWN');
    clock.advance(1000);
    const again = await Promise.all([
      persons.register({ ...adult, mobile: '13957100009' }),
      persons.register({ ...adult, mobile: '13957100009' }),
    ]);
    expect(again.map((each) => each.personId)).toEqual([personId, personId]);
    expect(again.filter(({ created }) => created)).toHaveLength(1);
    expect(await persons.contact(personId)).toMatchObject({ mobile: '13957100009' });
    const { erasureId } = await erasures.request(personId, 'op-2');
    expect((await erasures.show(personId)).status).toBe('closing');
    await world.noticeEnds(erasureId);
    expect((await outbox(world.store)).map(({ headers }) => headers['ce_id'])).toHaveLength(6);
    expect(new Set((await outbox(world.store)).map(({ headers }) => headers['ce_id'])).size).toBe(
      6,
    );
    const other = await persons.register({
      ...adult,
      idNumber: idNumberOf('19810101'),
      credentials: [],
    });
    expect(other.personId).not.toBe(personId);
  });

  test('after the time of the retention table nothing recognises the person any more', async () => {
    const world = await begin();
    const { personId, erasures, persons, clock, store } = world;
    await erased(world, personId);
    const kept = (): Promise<number> =>
      store.transact((transaction) => transaction.rows(erasedPersonTable).count({}));
    clock.advance(1095 * 86_400_000);
    await erasures.runOnce();
    expect(await kept()).toBe(1);
    clock.advance(2 * 86_400_000);
    await erasures.runOnce();
    expect(await kept()).toBe(0);
    await expect(erasures.show(personId)).rejects.toThrow('ERASURE_UNKNOWN');
    expect((await persons.register(adult)).personId).not.toBe(personId);
  });
};

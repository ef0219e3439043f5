import type { DomainError } from '@caretab/kernel';
import { blindIndex } from '@caretab/security';
import type { Store } from '@caretab/store';
import { cardsOn } from '../src/card/card.module';
import { cardTable } from '../src/card/card.table';
import { adult, identityOn, idNumberOf } from './persons.suite';

const COUNTER = { mode: 'bank-counter', by: 'staff/counter' } as const;
const DESK = { by: 'staff/desk', why: 'shown at the desk' };
const OLD = 'HC-3301-000001';

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return 'done';
  } catch (error) {
    return (error as DomainError).code;
  }
};

const worldOn = async (store: Store) => {
  const world = identityOn(store);
  const { personId } = await world.persons.register(adult);
  const cards = cardsOn(world);
  const cardId = (await cards.cards.list(personId))[0]!.cardId;
  const follow = async () => {
    const entries = new Map<string, string>();
    let after = 0;
    for (;;) {
      const page = await cards.list.after(after);
      if (page.entries.length === 0) return entries;
      for (const { numberHash, list, why } of page.entries)
        entries.set(numberHash, `${list} ${why}`);
      after = page.through;
    }
  };
  const hashed = async (number: string): Promise<string> =>
    blindIndex(Buffer.from((await cards.list.after(0)).hashKey, 'hex'), 'health-card', number);
  return { ...world, ...cards, personId, cardId, follow, hashed };
};

/** Cards of persons, held by both stores. */
export const cardsSuite = (open: () => Promise<Store>): void => {
  test('what was attached at a registration is a card that can be seen and lost', async () => {
    const { cards, persons, personId, cardId } = await worldOn(await open());
    expect(await cards.list(personId)).toEqual([
      expect.objectContaining({ cardId, medium: 'physical', status: 'active', number: '…0001' }),
    ]);
    expect(await persons.resolve('health-card', OLD)).toBe(personId);
    await cards.change(personId, cardId, 'report-lost', { by: personId });
    await expect(persons.resolve('health-card', OLD)).rejects.toMatchObject({
      code: 'CARD_NOT_VALID',
      kind: 'forbidden',
      details: { status: 'lost', remedy: expect.stringContaining('ID card') },
    });
    expect(await persons.resolve('id-number', adult.idNumber)).toBe(personId);
    expect(await cards.change(personId, cardId, 'report-lost', DESK)).toMatchObject({
      status: 'lost',
    });
  });

  test('a lost card is valid again only where two persons say so', async () => {
    const { cards, persons, personId, cardId } = await worldOn(await open());
    await cards.change(personId, cardId, 'report-lost', DESK);
    expect(await codeOf(cards.change(personId, cardId, 'find', DESK))).toBe('APPROVAL_NEEDED');
    await cards.change(personId, cardId, 'find', { ...DESK, approvedBy: 'staff/other' });
    expect(await persons.resolve('health-card', OLD)).toBe(personId);
    expect(await codeOf(cards.change(personId, cardId, 'find', DESK))).toBe('CARD_NOT_CHANGEABLE');
  });

  test('a card in place of another: the old number says so, the new one leads on', async () => {
    const { cards, persons, personId, cardId } = await worldOn(await open());
    const by = { number: 'HC-NEW-1', by: 'staff/desk', why: 'broken chip' };
    const fresh = await cards.replace(personId, cardId, by);
    expect(await codeOf(persons.resolve('health-card', OLD))).toBe('CARD_REPLACED');
    expect(await persons.resolve('health-card', 'HC-NEW-1')).toBe(personId);
    expect(await codeOf(cards.replace(personId, cardId, by))).toBe('done');
    expect(await codeOf(cards.replace(personId, cardId, { ...by, number: 'HC-NEW-2' }))).toBe(
      'CARD_NOT_CHANGEABLE',
    );
    expect(await codeOf(persons.resolve('health-card', 'HC-NEW-2'))).toBe('PERSON_UNKNOWN');
    expect(await cards.list(personId)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ cardId, status: 'replaced', replacedBy: fresh.cardId }),
      ]),
    );
  });

  test('one card of a medium at a time, of one person, and no ID number as its number', async () => {
    const { cards, persons, personId, cardId } = await worldOn(await open());
    const physical = { ...COUNTER, medium: 'physical', number: 'HC-2' } as const;
    expect(await codeOf(cards.issue(personId, physical))).toBe('CARD_CONFLICT');
    const electronic = { ...physical, medium: 'electronic', number: 'EC-1' } as const;
    expect(await cards.issue(personId, electronic)).toMatchObject({ created: true });
    expect(await cards.issue(personId, electronic)).toMatchObject({ created: false });
    await cards.change(personId, cardId, 'close', DESK);
    expect(await cards.issue(personId, physical)).toMatchObject({ created: true });
    const idNumber = idNumberOf('19900101');
    const other = (await persons.register({ ...adult, idNumber, credentials: [] })).personId;
    expect(await codeOf(cards.issue(other, physical))).toBe('CREDENTIAL_CONFLICT');
    expect(await codeOf(cards.issue(other, { ...physical, number: OLD }))).toBe(
      'CREDENTIAL_CONFLICT',
    );
    expect(await codeOf(cards.issue(other, { ...physical, number: idNumber }))).toBe(
      'CREDENTIAL_INVALID',
    );
    expect(await codeOf(cards.change(other, cardId, 'close', DESK))).toBe('CARD_UNKNOWN');
  });

  test('a child card ends on the seventh birthday, at once where it is shown and in its row by the job', async () => {
    const { cards, persons, children, clock, personId } = await worldOn(await open());
    const young = { ...COUNTER, medium: 'physical', number: 'CC-1', child: true } as const;
    expect(await codeOf(cards.issue(personId, { ...young, medium: 'electronic' }))).toBe(
      'CHILD_CARD_AGE',
    );
    const idNumber = idNumberOf('20190601', 124);
    const child = (await persons.register({ ...adult, idNumber, credentials: [] })).personId;
    await cards.issue(child, young);
    clock.set('2026-05-31T15:59:59Z');
    expect(await children.runOnce()).toBe(0);
    expect(await persons.resolve('health-card', 'CC-1')).toBe(child);
    clock.set('2026-05-31T16:00:00Z');
    expect(await codeOf(persons.resolve('health-card', 'CC-1'))).toBe('CARD_NOT_VALID');
    expect(await children.runOnce()).toBe(1);
    expect(await children.runOnce()).toBe(0);
    expect(await cards.list(child)).toMatchObject([{ child: true, status: 'closed' }]);
  });

  test('a batch is reviewed by another person, made as a whole, and handed out card by card', async () => {
    const { cards, batches, persons, personId } = await worldOn(await open());
    const medium = { medium: 'electronic', child: false } as const;
    const idNumber = idNumberOf('19900101');
    const other = (await persons.register({ ...adult, idNumber, credentials: [] })).personId;
    const city = { ...medium, by: 'staff/city' };
    const { batchId } = await batches.submit('B1', [personId, other], city);
    expect((await batches.submit('B1', [other, personId, other], city)).batchId).toBe(batchId);
    expect(await codeOf(batches.submit('B1', [other], city))).toBe('CARD_BATCH_DIFFERS');
    const maker = { productionBatch: 'MK-1' };
    expect(await codeOf(batches.review(batchId, maker, 'staff/city'))).toBe(
      'APPROVAL_SAME_SUBJECT',
    );
    const made = [
      { personId, number: 'EC-11' },
      { personId: other, number: 'EC-12' },
    ];
    expect(await codeOf(batches.produce(batchId, made, 'maker'))).toBe('CARD_BATCH_MOVED_ON');
    await batches.review(batchId, maker, 'staff/province');
    expect(await codeOf(batches.review(batchId, { why: 'late' }, 'staff/province'))).toBe(
      'CARD_BATCH_MOVED_ON',
    );
    expect(await codeOf(batches.produce(batchId, made.slice(1), 'maker'))).toBe(
      'CARD_BATCH_DIFFERS',
    );
    const taken = [made[0]!, { personId: other, number: 'EC-11' }];
    expect(await codeOf(batches.produce(batchId, taken, 'maker'))).toBe('CREDENTIAL_CONFLICT');
    expect(await codeOf(persons.resolve('health-card', 'EC-11'))).toBe('PERSON_UNKNOWN');
    expect(await batches.produce(batchId, made, 'maker')).toMatchObject({ status: 'produced' });
    expect(await codeOf(persons.resolve('health-card', 'EC-12'))).toBe('CARD_NOT_VALID');
    const { cardId } = (await cards.list(other))[0]!;
    await cards.change(other, cardId, 'activate', DESK);
    expect(await persons.resolve('health-card', 'EC-12')).toBe(other);
  });

  test('who follows the lists knows how every number stands, and asks only for what changed', async () => {
    const { cards, list, personId, cardId, follow, hashed } = await worldOn(await open());
    const old = await hashed(OLD);
    expect((await follow()).get(old)).toBe('white active');
    const { through } = await list.after(0);
    await cards.change(personId, cardId, 'report-lost', DESK);
    expect((await list.after(through)).entries).toMatchObject([
      { numberHash: old, list: 'black', why: 'lost' },
    ]);
    await cards.change(personId, cardId, 'find', { ...DESK, approvedBy: 'staff/other' });
    const page = await list.after(through);
    expect(page.entries).toMatchObject([{ numberHash: old, list: 'white', why: 'active' }]);
    expect((await list.after(page.through)).entries).toEqual([]);
    await cards.replace(personId, cardId, { number: 'HC-9', by: 'd', why: 'broken' });
    const now = await follow();
    expect([now.get(old), now.get(await hashed('HC-9'))]).toEqual([
      'black replaced',
      'white active',
    ]);
  });

  test('an erasure destroys the cards; their numbers stay refused by a hash of no one', async () => {
    const { persons, store, destruction, personId, follow, hashed, clock } = await worldOn(
      await open(),
    );
    const old = await hashed(OLD);
    const erased = await store.transact((transaction) =>
      destruction.destroy(
        transaction,
        { personId, erasureId: 'e-00000000-0000-4000-8000-000000000001' },
        clock.now(),
      ),
    );
    expect(erased).toContainEqual({ service: 'identity', table: 'card', rows: 1 });
    expect(await codeOf(persons.resolve('health-card', OLD))).toBe('PERSON_UNKNOWN');
    expect((await follow()).get(old)).toBe('black closed');
    const left = await store.transact((transaction) =>
      transaction.rows(cardTable).count({ personId }),
    );
    expect(left).toBe(0);
  });
};

import type { Role } from '@caretab/access';
import { type DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { cardsOn } from '../src/card/card.module';
import { Deaths } from '../src/death/deaths';
import { eraseAll } from '../src/erasure/erase-all';
import { rolesToday } from '../src/guardianship/wards';
import { endTokens, noteMerged } from '../src/merge/merged-tokens';
import { Holders } from '../src/person/holders';
import { subjectTable } from '../src/subject/subject.table';
import { indexOn } from './master-index.suite';
import { adult, child, idNumberOf, outbox } from './persons.suite';

const TWO = { why: 'both papers were shown', by: 'desk-1', approvedBy: 'desk-2' };
const evidence = { kind: 'number-changed', reference: 'P-17' } as const;
/** The same man by the number that the police gave him later. */
const renumbered = {
  ...{ name: adult.name, idNumber: idNumberOf('19800615', 127), mobile: adult.mobile },
  email: 'old@example.cn',
  credentials: [{ type: 'health-card' as const, value: 'HC-OLD' }],
};
const PAPER = { paper: 'D-17', recordedBy: 'staff/a', approvedBy: 'staff/b' };

const worldOn = async (store: Store) => {
  const world = indexOn(store);
  const survivor = await world.registered(adult);
  const merged = await world.registered(renumbered);
  const merge = (from = merged, to = survivor) =>
    world.merges.merge(to, { mergedId: from, evidence }, TWO);
  const said = async () =>
    (await outbox(store)).flatMap(({ headers, value }) =>
      headers['ce_type']?.endsWith('erged') ? [[headers['ce_type'], value]] : [],
    );
  const resolves = () =>
    Promise.all([
      world.persons.resolve('id-number', renumbered.idNumber),
      world.persons.resolve('health-card', 'HC-OLD'),
      world.persons.resolve('id-number', adult.idNumber),
    ]);
  const deaths = new Deaths({ ...world, cards: cardsOn(world).moves });
  return { ...world, survivor, merged, merge, said, resolves, deaths };
};

const faultsOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    ({ code, details }: DomainError) => {
      const { faults } = (details ?? {}) as { faults?: readonly { field: string }[] };
      return faults ? [code, ...faults.map(({ field }) => field)] : code;
    },
  );

/** Merges of registered persons, held by both stores. */
export const mergesSuite = (open: () => Promise<Store>): void => {
  test('every number of either leads to the survivor, and back to its own once it is taken back', async () => {
    const { survivor, merged, merge, merges, said, resolves, persons } = await worldOn(
      await open(),
    );
    expect(await resolves()).toEqual([merged, merged, survivor]);
    const first = await merge();
    expect(await merge()).toEqual(first);
    expect(await resolves()).toEqual([survivor, survivor, survivor]);
    expect(await persons.register(renumbered)).toEqual({ personId: survivor, created: false });
    expect(await persons.recognise(renumbered)).toBe(survivor);
    const taken = await merges.undo(survivor, first.mergeId, { ...TWO, why: 'they are brothers' });
    expect(taken).toMatchObject({ undoneWhy: 'they are brothers', undoneBy: 'desk-1' });
    expect(await resolves()).toEqual([merged, merged, survivor]);
    await merge();
    const of = { personId: merged, survivorId: survivor };
    expect(await said()).toMatchObject([
      ['PersonsMerged', { ...of, revision: 1, mergeId: first.mergeId }],
      ['PersonsUnmerged', { ...of, revision: 2, mergeId: first.mergeId }],
      ['PersonsMerged', { ...of, revision: 3 }],
    ]);
    expect(await merges.list(merged)).toHaveLength(2);
    expect(await faultsOf(merges.undo(survivor, first.mergeId, TWO))).toBe('MERGE_UNKNOWN');
  });

  test('a card that is added to who is merged leads to the survivor too', async () => {
    const { survivor, merged, merge, merges, persons } = await worldOn(await open());
    const { mergeId } = await merge();
    const card = { type: 'health-card' as const, value: 'HC-NEW' };
    await persons.register({ ...renumbered, credentials: [card] });
    expect(await persons.resolve('health-card', 'HC-NEW')).toBe(survivor);
    await merges.undo(survivor, mergeId, TWO);
    expect(await persons.resolve('health-card', 'HC-NEW')).toBe(merged);
  });

  test('a card that a platform, a replacement or the application adds to who is merged does so, too', async () => {
    const world = await worldOn(await open());
    const { survivor, merged, merge, merges, persons } = world;
    const { cards, platforms } = cardsOn(world);
    const city = { by: 'card-3301', scope: { region: '3301' } };
    const before = (await cards.list(merged))[0]!;
    const { mergeId } = await merge();
    const { idNumber, name } = renumbered;
    const request = { requestId: 'f'.repeat(32), idNumber, name };
    const electronic = { medium: 'electronic', number: 'EC-NEW' } as const;
    await platforms.issue({ ...request, ...electronic }, city);
    const why = 'broken chip';
    await cards.replace(merged, before.cardId, { number: 'HC-NEXT', by: 'staff/desk', why });
    const numbers = ['EC-NEW', 'HC-NEXT'];
    const lead = () => Promise.all(numbers.map((one) => persons.resolve('health-card', one)));
    expect(await lead()).toEqual([survivor, survivor]);
    const shown = { number: 'EC-NEW', medium: 'electronic' } as const;
    for (const said of [idNumber, adult.idNumber])
      expect(await platforms.check({ ...shown, idNumber: said }, city)).toMatchObject({
        ...{ valid: true, holder: 'match' },
      });
    await merges.undo(survivor, mergeId, TWO);
    expect(await lead()).toEqual([merged, merged]);
    const other = { ...shown, idNumber: adult.idNumber };
    expect(await platforms.check(other, city)).toMatchObject({ holder: 'no-match' });
  });

  test('a person is reached by the survivor’s contact while they are one, and compared with both', async () => {
    const { survivor, merged, merge, merges, persons, store } = await worldOn(await open());
    const holders = new Holders({ store, persons });
    const reached = async () => [
      (await persons.contact(merged)).email,
      (await persons.contacts([merged, survivor])).contacts.map(({ personId, email }) => [
        ...[personId, email],
      ]),
    ];
    const own = await reached();
    expect(own).toEqual([
      'old@example.cn',
      [
        [merged, 'old@example.cn'],
        [survivor, adult.email],
      ],
    ]);
    const { mergeId } = await merge();
    expect(await reached()).toEqual([
      adult.email,
      [
        [merged, adult.email],
        [survivor, adult.email],
      ],
    ]);
    expect(await holders.compare(survivor, { names: ['王五'], sex: 'male' })).toEqual(['name']);
    await merges.undo(survivor, mergeId, TWO);
    expect(await reached()).toEqual(own);
  });

  test('what contradicts, is a ward, or has no line to go to is refused by name', async () => {
    const world = await worldOn(await open());
    const { survivor, merged, merge, registered, services } = world;
    const other = { ...renumbered, credentials: [] };
    const younger = await registered({ ...other, idNumber: idNumberOf('19800616') });
    const woman = await registered({ ...other, idNumber: idNumberOf('19800615', 128) });
    expect(await faultsOf(merge(younger))).toEqual(['MERGE_REFUSED', 'birthDate']);
    expect(await faultsOf(merge(woman))).toEqual(['MERGE_REFUSED', 'sex']);
    const ward = await registered(child);
    expect(await faultsOf(merge(ward))).toEqual([
      ...['MERGE_REFUSED', 'birthDate', 'sex', 'guardianship'],
    ]);
    services.open.add(merged);
    expect(await faultsOf(merge())).toEqual(['MERGE_REFUSED', 'service']);
    services.open.add(survivor);
    expect(await faultsOf(merge(survivor))).toEqual(['REQUEST_INVALID', '/mergedId']);
    expect(await faultsOf(merge('p-99999999-0000-4000-8000-000000000000'))).toBe('PERSON_UNKNOWN');
    expect(await faultsOf(merge())).toBe('done');
  });

  test('there are no chains, and nothing is changed of who is merged but by the survivor', async () => {
    const world = await worldOn(await open());
    const { survivor, merged, merge, registered, deaths, guardianships, store, erasures } = world;
    const third = await registered({
      ...renumbered,
      idNumber: idNumberOf('19800615', 129),
      credentials: [],
    });
    await merge();
    expect(await faultsOf(merge(third, merged))).toBe('PERSON_MERGED');
    expect(await faultsOf(merge(survivor, third))).toBe('PERSON_MERGED');
    expect(await faultsOf(merge(third))).toBe('done');
    expect(await faultsOf(deaths.record(merged, '2026-02-27', PAPER))).toBe('PERSON_MERGED');
    expect(await faultsOf(eraseAll({ store, erasures }, merged, 'desk-2'))).toBe('PERSON_MERGED');
    const ward = await registered(child);
    const appointment = { guardianId: merged, relation: '5' };
    expect(await faultsOf(guardianships.appoint(ward, appointment))).toBe('PERSON_MERGED');
  });

  test('a death is of both, and a merge is not taken back while it stands', async () => {
    const { survivor, merged, merge, merges, deaths, store } = await worldOn(await open());
    const { mergeId } = await merge();
    await deaths.record(survivor, '2026-02-27', PAPER);
    expect((await deaths.show(merged)).died).toBe(true);
    const died = (await outbox(store)).filter(({ headers }) => headers['ce_type'] === 'PersonDied');
    expect(died).toHaveLength(2);
    expect(await faultsOf(merges.undo(survivor, mergeId, TWO))).toEqual(['MERGE_REFUSED', 'death']);
    await deaths.takeBack(survivor, PAPER);
    expect((await deaths.show(merged)).died).toBe(false);
    expect(await faultsOf(merges.undo(survivor, mergeId, TWO))).toBe('done');
  });

  test('an erasure of the survivor is of both, once nothing stands in the way of either', async () => {
    const world = await worldOn(await open());
    const { survivor, merged, merge, said, store, erasures, neighbours } = world;
    await merge();
    neighbours.standing = { holds: 1, debts: 0, wards: 0 };
    expect(await faultsOf(eraseAll({ store, erasures }, survivor, 'desk-2'))).toEqual([
      'ERASURE_REFUSED',
      'holds',
    ]);
    expect(await faultsOf(erasures.show(merged))).toBe('ERASURE_UNKNOWN');
    neighbours.standing = { holds: 0, debts: 0, wards: 0 };
    await eraseAll({ store, erasures }, survivor, 'desk-2');
    expect(neighbours.closed).toEqual(new Set([merged, survivor]));
    expect(await faultsOf(world.persons.resolve('health-card', 'HC-OLD'))).toBe('PERSON_UNKNOWN');
    for (const personId of [merged, survivor]) {
      const { erasureId } = await erasures.show(personId);
      const ended = {
        type: 'ClosingNoticeEnded',
        data: { erasureId, personId, outcome: 'sent' },
      } as const;
      await store.transact((transaction) => erasures.noticeEnded(ended, transaction));
    }
    expect((await said()).map(([type]) => type)).toEqual(['PersonsMerged', 'PersonsUnmerged']);
    expect((await world.persons.register(renumbered)).personId).toBe(merged);
  });

  test('a session is of both while they are one; what it got by the merge is void once it is taken back', async () => {
    const { survivor, merged, merge, merges, store, persons, clock } = await worldOn(await open());
    const subject = (subjectId: string) => ({
      ...{ subjectId, roles: [], createdAt: clock.now(), removedAt: null, voidBefore: null },
      ...{ passwordHash: null, totp: null, totpStep: 0, failures: 0, lockedUntil: null },
    });
    await store.transact((transaction) =>
      transaction.rows(subjectTable).insert(...['one', 'other', 'stranger'].map(subject)),
    );
    const rolesOf = (subjectId: string, person: string): Promise<readonly Role[]> =>
      store.transact(async (transaction) => {
        const roles: readonly Role[] = [{ kind: 'Citizen', person }];
        const today = await rolesToday(transaction, persons, roles);
        await noteMerged(transaction, subjectId, { roles, today });
        return today;
      });
    const { mergeId } = await merge();
    const [a, b] = [survivor, merged].map((person): Role => ({ kind: 'Citizen', person }));
    expect(await rolesOf('one', survivor)).toEqual([a, b]);
    expect(await rolesOf('other', merged)).toEqual([b, a]);
    clock.advance(1000);
    await merges.undo(survivor, mergeId, TWO);
    expect(await rolesOf('one', survivor)).toEqual([a]);
    expect(await rolesOf('other', merged)).toEqual([b]);
    const rows = await store.transact((transaction) =>
      transaction.rows(subjectTable).find({}, { orderBy: 'subjectId' }),
    );
    expect(rows.map(({ voidBefore }) => voidBefore)).toEqual([clock.now(), clock.now(), null]);
    await store.transact((transaction) => endTokens(transaction, [survivor], clock.now()));
  });

  test('two who registered are proposed where all but the number agrees, and decided by the merge', async () => {
    const {
      survivor,
      merged,
      merge,
      merges,
      open: cases,
      list,
      registered,
    } = await worldOn(await open());
    const [found, ...more] = await cases();
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      ...{ recordId: merged, recordPersonId: merged, personId: survivor, likely: true },
      domain: { kind: 'registration' },
    });
    const { sides } = await list.show(survivor, found!.caseId);
    expect(sides.map(({ source }) => source)).toEqual(['registration', 'registration']);
    expect(JSON.stringify(sides)).not.toContain(renumbered.idNumber);
    const { mergeId } = await merge();
    expect(await cases()).toEqual([]);
    await merges.undo(survivor, mergeId, TWO);
    await registered({ ...renumbered, email: 'new@example.cn' });
    expect(await cases()).toEqual([]);
  });

  test('a case of two who registered is no case of records: the desk says different, or merges them', async () => {
    const { survivor, open: cases, cases: decisions } = await worldOn(await open());
    const which = { personId: survivor, caseId: (await cases())[0]!.caseId };
    expect(await faultsOf(decisions.decide(which, 'same', TWO))).toBe('MERGE_NEEDED');
    expect(await faultsOf(decisions.decide(which, 'different', TWO))).toBe('done');
    expect(await cases()).toEqual([]);
  });
};

import type { Store } from '../src/store';
import type { Whose } from '../src/within';
import { hold, holdNotesTable, holdsTable, noteWordsTable, partsTable } from './holds';

/** What a store promises to who reads for others. `makeStore` gives an empty one with its narrow role. */
export const withinSuite = (name: string, makeStore: () => Promise<Store>): void => {
  describe(`${name}, for who reads within someone’s rows`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await makeStore();
      await store.transact((transaction) =>
        transaction
          .rows(holdsTable)
          .insert(
            hold('v1', { status: 'HZ001', reference: 'p-1' }),
            hold('v2', { status: 'HZ001', reference: 'p-2' }),
            hold('v3', { status: 'HZ002', reference: 'p-3' }),
          ),
      );
    });
    afterEach(() => store.close());

    const seen = (...within: Whose[]): Promise<string[]> =>
      store.transact(
        async (transaction) => {
          const rows = transaction.rows(holdsTable);
          const found = await rows.find({}, { orderBy: 'visitId' });
          expect(await rows.count({})).toBe(found.length);
          expect((await rows.page({}, { countMax: 10 })).rows).toEqual(found);
          expect((await rows.get({ visitId: 'v3' })) !== undefined).toBe(
            found.some(({ visitId }) => visitId === 'v3'),
          );
          return found.map(({ visitId }) => visitId);
        },
        { within },
      );

    test.each<[string, Whose[], string[]]>([
      ['an institution', [{ institution: 'HZ001' }], ['v1', 'v2']],
      ['a person', [{ person: 'p-3' }], ['v3']],
      ['a person at an institution', [{ institution: 'HZ001', person: 'p-2' }], ['v2']],
      ['a person elsewhere', [{ institution: 'HZ001', person: 'p-3' }], []],
      ['one of two', [{ person: 'p-1' }, { institution: 'HZ002' }], ['v1', 'v3']],
      ['a payer, by which no row is someone’s', [{ payer: 'HZ001' }], []],
      ['no one', [], []],
      ['text that is SQL', [{ institution: "HZ001' or true --" }], []],
      ['everyone', [{ person: 'p-1' }, {}], ['v1', 'v2', 'v3']],
    ])('only rows of %s are there', async (_, within, visits) => {
      expect(await seen(...within)).toEqual(visits);
      // The connection is used by another afterwards.
      expect(await seen({})).toEqual(['v1', 'v2', 'v3']);
    });

    test.each<[Whose, string[]]>([
      [{ institution: 'HZ001' }, ['a']],
      [{ institution: 'city' }, []],
      [{ payer: 'city' }, ['a', 'b']],
      [{ payer: 'village' }, ['b']],
      [{ payer: 'HZ001' }, []],
      [{ payer: '[{"payerId": "city"}]' }, []],
      [{ institution: 'HZ001', payer: 'city' }, ['a']],
      [{ institution: 'HZ001', payer: 'village' }, []],
      [{ person: 'HZ001' }, []],
      [{ plan: 'b' }, ['b']],
      [{ plan: 'b', payer: 'village' }, ['b']],
      [{ plan: 'a', payer: 'village' }, []],
    ])('a row says by another field, or in a list, whose it is: %j', async (whose, parts) => {
      const [city, village] = [{ payerId: 'city' }, { payerId: 'village' }];
      await store.transact((transaction) =>
        transaction.rows(partsTable).insert(
          {
            ...{ partId: 'a', party: 'institution', partyId: 'HZ001' },
            coverage: { plans: [city] },
          },
          {
            ...{ partId: 'b', party: 'insurer', partyId: 'HZ001' },
            coverage: { plans: [village, city] },
          },
          { partId: 'c', party: 'insurer', partyId: 'city', coverage: { plans: [] } },
        ),
      );
      const found = await store.transact(
        (transaction) => transaction.rows(partsTable).find({}, { orderBy: 'partId' }),
        { within: [whose] },
      );
      expect(found.map(({ partId }) => partId)).toEqual(parts);
    });

    test.each<[Whose[], string[]]>([
      [[{ institution: 'HZ001' }], ['n1', 'n2']],
      [[{ person: 'p-3' }], ['n3']],
      [
        [{ institution: 'HZ001' }, { person: 'p-3' }],
        ['n1', 'n2', 'n3'],
      ],
      [[{ payer: 'HZ001' }], []],
      [[], []],
      [[{}], ['n1', 'n2', 'n3', 'n4', 'n5']],
    ])('what hangs on a row is whose that is: %j', async (within, notes) => {
      const visits = ['v1', 'v2', 'v3', 'v4'];
      const hung = visits.map((visitId, index) => ({ noteId: `n${index + 1}`, visitId, line: 1 }));
      // Another line of a visit is another's row.
      const all = [...hung, { noteId: 'n5', visitId: 'v1', line: 2 }];
      await store.transact(async (transaction) => {
        await transaction.rows(holdNotesTable).insert(...all);
        const words = all.map(({ noteId }) => ({ wordId: `w-${noteId}`, noteId }));
        await transaction.rows(noteWordsTable).insert(...words);
      });
      const found = await store.transact(
        async (transaction) => ({
          notes: await transaction.rows(holdNotesTable).find({}, { orderBy: 'noteId' }),
          words: await transaction.rows(noteWordsTable).find({}, { orderBy: 'noteId' }),
        }),
        { within },
      );
      expect(found.notes.map(({ noteId }) => noteId)).toEqual(notes);
      expect(found.words.map(({ noteId }) => noteId)).toEqual(notes);
    });

    test('a condition of the caller’s own shows no row beyond', async () => {
      const rows = await store.transact(
        (transaction) => transaction.rows(holdsTable).find({ status: { in: ['HZ001', 'HZ002'] } }),
        { within: [{ institution: 'HZ002' }] },
      );
      expect(rows.map(({ visitId }) => visitId)).toEqual(['v3']);
    });

    test('nothing is written or locked', async () => {
      const within = [{ institution: 'HZ001' }];
      for (const work of [
        () =>
          store.transact((transaction) => transaction.rows(holdsTable).insert(hold('v4')), {
            within,
          }),
        () =>
          store.transact(
            (transaction) => transaction.rows(holdsTable).get({ visitId: 'v1' }, { lock: 'wait' }),
            { within },
          ),
      ])
        await expect(work()).rejects.toThrow();
      expect(await seen({})).toEqual(['v1', 'v2', 'v3']);
    });
  });
};

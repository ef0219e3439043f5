import type { Store } from '@caretab/store';
import { cardsOn } from '../src/card/card.module';
import { CardFiles, type FileRow } from '../src/card/card-files';
import type { Cards } from '../src/card/cards';
import { cardChangeTable } from '../src/card/card.table';
import { adult, identityOn, idNumberOf } from './persons.suite';

const FILE = 'a'.repeat(64);
const by = 'staff/city';
const lost = (number: string): FileRow => ({
  ...{ number, change: 'report-lost', why: 'reported to the city' },
});

const worldOn = async (store: Store, countOfCards = 3) => {
  const world = identityOn(store);
  const cards = cardsOn(world);
  const held: { personId: string; number: string; cardId: string }[] = [];
  for (let at = 1; at <= countOfCards; at += 1) {
    const idNumber = idNumberOf(`1990010${at}`);
    const number = `HC-FILE-${at}`;
    const credentials = [{ type: 'health-card', value: number }] as const;
    const { personId } = await world.persons.register({
      ...{ ...adult, idNumber, credentials: [...credentials] },
    });
    held.push({ personId, number, cardId: (await cards.cards.list(personId))[0]!.cardId });
  }
  const statuses = async () => {
    const lists = await Promise.all(held.map(({ personId }) => cards.cards.list(personId)));
    return lists.map(([card]) => card!.status);
  };
  const losses = () =>
    store.transact(async (transaction) => {
      const cardId = { in: held.map((one) => one.cardId) };
      const change = 'report-lost';
      return (await transaction.rows(cardChangeTable).find({ cardId, change })).length;
    });
  /** Files whose changes are remembered in their order; the one of this place breaks off, once. */
  const remembering = (brokenAt = Infinity) => {
    const persons: string[] = [];
    const changeWithin: Cards['changeWithin'] = (transaction, personId, ...given) => {
      if (persons.push(personId) === brokenAt) throw new Error('the process ends');
      return cards.cards.changeWithin(transaction, personId, ...given);
    };
    return { persons, files: new CardFiles({ ...world, store, cards: { changeWithin } }) };
  };
  return { ...cards, held, statuses, losses, remembering };
};

/** Files of cards, taken part by part by both stores. */
export const cardFilesSuite = (open: () => Promise<Store>): void => {
  test('rows that cannot be taken are named, without what they say; the others count', async () => {
    const { files, cards, held, statuses } = await worldOn(await open());
    const [first, second, third] = held;
    const desk = { by: 'staff/desk', why: 'returned' };
    await cards.change(second!.personId, second!.cardId, 'close', desk);
    const rows = [third!, second!, { number: 'HC-NO-ONE' }, first!].map((one) => lost(one.number));
    const taken = await files.take({ fileHash: FILE, firstRow: 1, rows, by });
    expect(taken).toEqual({
      through: 4,
      rejects: [
        expect.objectContaining({ row: 2, field: '/change', code: 'CARD_NOT_CHANGEABLE' }),
        expect.objectContaining({ row: 3, field: '/number', code: 'CARD_UNKNOWN' }),
      ],
    });
    expect(JSON.stringify(taken)).not.toMatch(/HC-|reported/);
    expect(await statuses()).toEqual(['lost', 'closed', 'lost']);
    expect(await files.progress(FILE, by)).toEqual({ through: 4, rejected: 2 });
    expect(await files.progress(FILE, 'staff/other')).toEqual({ through: 0, rejected: 0 });
  });

  test('a sender goes on behind what was taken; a part again is answered as before', async () => {
    const { files, cards, held, losses } = await worldOn(await open());
    const [first, second, third] = held;
    const part = {
      ...{ fileHash: FILE, firstRow: 1, by },
      rows: [lost(first!.number), lost('HC-NO-ONE')],
    };
    const before = await files.take(part);
    const found = { by: 'staff/desk', why: 'it was found', approvedBy: 'staff/other' };
    await cards.change(first!.personId, first!.cardId, 'find', found);
    expect(await files.take(part)).toEqual(before);
    expect((await cards.list(first!.personId))[0]).toMatchObject({ status: 'active' });
    for (const wrong of [
      { ...part, rows: [lost(second!.number)] },
      { ...part, firstRow: 2 },
      { ...part, firstRow: 4 },
    ])
      await expect(files.take(wrong)).rejects.toMatchObject({
        code: 'CARD_FILE_DIFFERS',
        details: { through: 2, remedy: 'go on from row 3' },
      });
    await files.take({ ...part, firstRow: 3, rows: [lost(third!.number)] });
    expect(await losses()).toBe(2);
  });

  test('where a part breaks off, neither its rows nor its place are kept', async () => {
    const { held, statuses, remembering } = await worldOn(await open());
    const { files } = remembering(3);
    const rows = held.map(({ number }) => lost(number));
    const part = { fileHash: FILE, firstRow: 1, rows, by };
    await expect(files.take(part)).rejects.toThrow('the process ends');
    expect(await statuses()).toEqual(['active', 'active', 'active']);
    expect(await files.progress(FILE, by)).toEqual({ through: 0, rejected: 0 });
    expect(await files.take(part)).toEqual({ through: 3, rejects: [] });
    expect(await statuses()).toEqual(['lost', 'lost', 'lost']);
  });

  test('the same part twice at once counts once; rows are taken in the order of persons', async () => {
    const { held, losses, remembering } = await worldOn(await open());
    const { files, persons } = remembering();
    const rows = held.map(({ number }) => lost(number));
    const part = { fileHash: FILE, firstRow: 1, rows, by };
    const other = { ...part, fileHash: 'b'.repeat(64), rows: rows.toReversed() };
    const inOrder = held.map(({ personId }) => personId).sort();
    await files.take(part);
    await files.take(other);
    expect(persons).toEqual([...inOrder, ...inOrder]);
    const next = { ...part, firstRow: 4, rows: [lost('HC-NO-ONE'), ...rows] };
    const answers = await Promise.all([next, next, next].map((each) => files.take(each)));
    expect(answers).toEqual(
      answers.map(() => ({ through: 7, rejects: [expect.objectContaining({ row: 4 })] })),
    );
    expect(await losses()).toBe(3);
    expect(await files.progress(FILE, by)).toEqual({ through: 7, rejected: 1 });
  });
};

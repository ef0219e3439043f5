import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import type { CardEffects } from '../src/card/card-effects';
import { cardsOn } from '../src/card/card.module';
import { cardListFile } from '../src/card/card-list-file';
import { CardFiles } from '../src/card/card-files';
import { cardChangeTable } from '../src/card/card.table';
import { adult, identityOn, idNumberOf } from './persons.suite';

const FILE = 'a'.repeat(64);
const asker = { by: 'staff/city', scope: {} };
const hangzhou = { by: 'card-3301', scope: { region: '3301' } };
const lost = (number: string) => ({ number, change: 'report-lost', why: 'reported to the city' });
const blacklist = { kind: 'blacklist', fileHash: FILE, firstRow: 1, asker } as const;

const worldOn = async (store: Store, countOfCards = 3) => {
  const world = identityOn(store);
  const cards = cardsOn(world);
  const held: { personId: string; number: string; cardId: string; idNumber: string }[] = [];
  for (let at = 1; at <= countOfCards; at += 1) {
    const idNumber = idNumberOf(`1990010${at}`);
    const number = `HC-FILE-${at}`;
    const credentials = [{ type: 'health-card', value: number }] as const;
    const { personId } = await world.persons.register({
      ...{ ...adult, idNumber, credentials: [...credentials] },
    });
    const { cardId } = (await cards.cards.list(personId))[0]!;
    held.push({ personId, number, cardId, idNumber });
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
  /** Files whose first part breaks off once its rows have taken effect. */
  const breaking = () => {
    let isBroken = false;
    const of: CardEffects['of'] = {
      ...cards.effects.of,
      blacklist: async (...given) => {
        const taken = await cards.effects.of.blacklist(...given);
        if (isBroken) return taken;
        isBroken = true;
        throw new Error('the process ends');
      },
    };
    return new CardFiles({ ...world, store, effects: { of } });
  };
  return { ...world, ...cards, held, statuses, losses, breaking };
};

const codesOf = (rejects: readonly { row: number; field: string; code: string }[]) =>
  rejects.map(({ row, field, code }) => [row, field, code]);

/** Files of cards, taken part by part by both stores. */
export const cardFilesSuite = (open: () => Promise<Store>): void => {
  test('rows that cannot be taken are named, without what they say; the others count', async () => {
    const { files, cards, held, statuses } = await worldOn(await open());
    const [first, second, third] = held;
    const desk = { by: 'staff/desk', why: 'returned' };
    await cards.change(second!.personId, second!.cardId, 'close', desk);
    const numbers = [third!.number, second!.number, 'HC-NO-ONE', first!.number];
    const rows = [...numbers.map(lost), { ...lost('HC-5'), change: 'find' }, { what: 'HC-6' }];
    const taken = await files.take({ ...blacklist, rows });
    expect(taken.through).toBe(6);
    expect(codesOf(taken.rejects)).toEqual([
      [2, '/change', 'CARD_NOT_CHANGEABLE'],
      [3, '/number', 'CARD_UNKNOWN'],
      [5, '/change', 'REQUEST_INVALID'],
      [6, expect.any(String), 'REQUEST_INVALID'],
    ]);
    for (const { why, whatToDo } of taken.rejects)
      expect(`${why}${whatToDo}`.length > 20).toBe(true);
    expect(JSON.stringify(taken)).not.toMatch(/HC-|reported/);
    expect(await statuses()).toEqual(['lost', 'closed', 'lost']);
    expect(await files.progress(blacklist)).toEqual({ through: 6, rejected: 4 });
    expect(await files.rejects(blacklist, 0)).toEqual({ rejects: taken.rejects });
    const other = { ...blacklist, asker: { ...asker, by: 'staff/other' } };
    expect(await files.progress(other)).toEqual({ through: 0, rejected: 0 });
    expect(await files.rejects(other, 0)).toEqual({ rejects: [] });
  });

  test('a person whose ID number stands in several forms gets one card of a kind by one part', async () => {
    const { files, cards, persons } = await worldOn(await open());
    const idNumber = idNumberOf('19620304');
    const { personId } = await persons.register({ ...adult, idNumber, credentials: [] });
    const forms = [
      idNumber,
      `${idNumber.slice(0, 6)}${idNumber.slice(8, 17)}`,
      `${idNumber.slice(0, 6)} ${idNumber.slice(6)}`,
      idNumber.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
    ];
    const rows = forms.map((form, at) => ({
      ...{ idNumber: form, name: adult.name, medium: 'physical', number: `HC-FORM-${at}` },
    }));
    const taken = await files.take({ ...blacklist, kind: 'cards', rows });
    expect(codesOf(taken.rejects)).toEqual(
      [2, 3, 4].map((row) => [row, '/medium', 'CARD_CONFLICT']),
    );
    expect(await cards.list(personId)).toHaveLength(1);
  });

  test('a sender goes on behind what was taken; a part again is answered as before', async () => {
    const { files, cards, held, losses } = await worldOn(await open());
    const [first, second, third] = held;
    const part = { ...blacklist, rows: [lost(first!.number), lost('HC-NO-ONE')] };
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
    const { held, statuses, breaking } = await worldOn(await open());
    const files = breaking();
    const part = { ...blacklist, rows: held.map(({ number }) => lost(number)) };
    await expect(files.take(part)).rejects.toThrow('the process ends');
    expect(await statuses()).toEqual(['active', 'active', 'active']);
    expect(await files.progress(part)).toEqual({ through: 0, rejected: 0 });
    expect(await files.take(part)).toEqual({ through: 3, rejects: [] });
    expect(await statuses()).toEqual(['lost', 'lost', 'lost']);
  });

  test('the same part twice at once counts once; two files in other orders wait, and both end', async () => {
    const { files, held, losses } = await worldOn(await open(), 9);
    const rows = held.map(({ number }) => lost(number));
    const part = { ...blacklist, rows };
    const other = { ...part, fileHash: 'b'.repeat(64), rows: rows.toReversed() };
    const answers = await Promise.all([part, other, part, other].map((each) => files.take(each)));
    expect(answers).toEqual(answers.map(() => ({ through: 9, rejects: [] })));
    expect(await losses()).toBe(9);
  });

  test('of one card the rows of a part count one after the other', async () => {
    const { files, held, statuses } = await worldOn(await open(), 1);
    const { number } = held[0]!;
    const rows = [
      { ...lost(number), change: 'freeze' },
      lost(number),
      { ...lost(number), change: 'close' },
      lost(number),
    ];
    const { rejects } = await files.take({ ...blacklist, rows });
    expect(codesOf(rejects)).toEqual([[4, '/change', 'CARD_NOT_CHANGEABLE']]);
    expect(await statuses()).toEqual(['closed']);
  });

  test('cards of a file are its city’s; what contradicts the register is rejected, and changes nothing', async () => {
    const { files, held, cards, persons } = await worldOn(await open(), 4);
    const [first, second, third, fourth] = held;
    const row = (at: (typeof held)[number], number: string, name = adult.name) => ({
      ...{ idNumber: at.idNumber, name, medium: 'electronic', number, office: 'BANK-7' },
    });
    const rows = [
      row(first!, 'EC-1'),
      row(second!, 'EC-2', '王大力'),
      row(second!, 'EC-1'),
      { ...row(third!, 'EC-3'), idNumber: '330106199001010000' },
      { ...row(third!, 'EC-3'), idNumber: idNumberOf('19700101') },
      { ...row(third!, 'HC-FILE-3'), medium: 'physical' },
      { ...row(fourth!, 'HC-FILE-1'), medium: 'physical' },
      { ...row(fourth!, 'EC-4'), child: true },
      row(fourth!, fourth!.idNumber),
    ];
    const file = { ...blacklist, kind: 'cards', asker: hangzhou } as const;
    const { rejects } = await files.take({ ...file, rows });
    expect(codesOf(rejects)).toEqual([
      [2, '/name', 'PERSON_CONFLICT'],
      [3, '/number', 'CREDENTIAL_CONFLICT'],
      [4, '/idNumber', 'ID_NUMBER_INVALID'],
      [5, '/idNumber', 'PERSON_UNKNOWN'],
      [7, '/number', 'CREDENTIAL_CONFLICT'],
      [8, '/child', 'CHILD_CARD_AGE'],
      [9, '/number', 'CREDENTIAL_INVALID'],
    ]);
    expect(JSON.stringify(rejects)).not.toMatch(/3301|EC-|大力/);
    const own = { region: '3301', office: 'BANK-7', mode: 'platform', status: 'active' };
    expect(await cards.list(first!.personId)).toContainEqual(expect.objectContaining(own));
    expect(await persons.resolve('health-card', 'EC-1')).toBe(first!.personId);
    expect(await cards.list(third!.personId)).toEqual([
      expect.objectContaining({ region: '3301', mode: 'registration' }),
    ]);
    expect(await cards.list(second!.personId)).toHaveLength(1);
    const again = { ...file, fileHash: 'c'.repeat(64), rows: [rows[0]!] };
    expect((await files.take(again)).rejects).toEqual([]);
    const ningbo = { by: 'card-3302', scope: { region: '3302' } };
    const ended = { ...blacklist, asker: ningbo, rows: [lost('EC-1')] };
    expect(codesOf((await files.take(ended)).rejects)).toEqual([[1, '/number', 'CARD_UNKNOWN']]);
    const province = { by: 'card-33', scope: { region: '33' } };
    expect((await files.take({ ...ended, asker: province })).rejects).toEqual([]);
    const white = { ...file, kind: 'whitelist', rows: [{ number: 'EC-1' }] } as const;
    expect(codesOf((await files.take(white)).rejects)).toEqual([
      [1, '/change', 'CARD_NOT_CHANGEABLE'],
    ]);
  });

  test('residents of a file are registered; a name or number that is known otherwise stays', async () => {
    const { files, persons, destruction: _, ...world } = await worldOn(await open(), 1);
    const known = { name: adult.name, idNumber: world.held[0]!.idNumber, mobile: adult.mobile };
    const fresh = { ...known, idNumber: idNumberOf('19700101') };
    const file = { ...blacklist, kind: 'residents', asker: hangzhou } as const;
    const rows = [
      fresh,
      known,
      { ...known, mobile: '13800000009' },
      { ...known, name: '王大力' },
      { ...known, email: 'new@example.cn' },
      { ...fresh, mobile: '1380000000' },
    ];
    const { rejects } = await files.take({ ...file, rows });
    expect(codesOf(rejects)).toEqual([
      [3, '/mobile', 'PERSON_CONFLICT'],
      [4, '/name', 'PERSON_CONFLICT'],
      [5, '/idNumber', 'CARD_UNKNOWN'],
      [6, expect.any(String), expect.stringMatching(/^(MOBILE|REQUEST)_INVALID$/)],
    ]);
    expect(await persons.contact(world.held[0]!.personId)).toMatchObject({
      mobile: adult.mobile,
      email: adult.email,
    });
    const personId = await persons.recognise(fresh);
    expect(personId).toMatch(/^p-/);
  });

  test('the lists are files by number: what was read is not read again, and the end says what it is', async () => {
    const { files, held, list } = await worldOn(await open());
    const read = async (of: 'white' | 'black', after = 0) => {
      const lines: Record<string, unknown>[] = [];
      for await (const line of cardListFile(list, of, after)) lines.push({ ...line });
      return { head: lines[0]!, entries: lines.slice(1, -1), end: lines.at(-1)! };
    };
    const before = await read('white');
    expect(before.head).toEqual({ hashKey: expect.any(String) });
    expect(before.end).toMatchObject({ rows: 3, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    await files.take({ ...blacklist, rows: [lost(held[0]!.number)] });
    expect((await read('white')).entries).toHaveLength(2);
    const black = await read('black', before.end['through'] as number);
    expect(black.entries).toEqual([expect.objectContaining({ why: 'lost' })]);
    expect((await read('black', black.end['through'] as number)).entries).toEqual([]);
  });

  test('an operation that is logged twice counts once', async () => {
    const { files, held, statistics, cards } = await worldOn(await open(), 1);
    const [{ number, personId, idNumber }] = held as [(typeof held)[number]];
    const claim = { idNumber, name: adult.name, medium: 'physical', number };
    await files.take({ ...blacklist, kind: 'cards', asker: hangzhou, rows: [claim] });
    const used = { number, operation: 'read', at: '2026-03-01T23:30:00+08:00' };
    const rows = [used, { ...used, at: '2026-03-01T15:30:00Z' }, { ...used, operation: 'write' }];
    const late = { ...used, at: '2026-03-03T00:00:00Z' };
    const file = { ...blacklist, kind: 'operations', asker: hangzhou } as const;
    const { rejects } = await files.take({ ...file, rows: [...rows, late] });
    expect(codesOf(rejects)).toEqual([[4, '/at', 'REQUEST_INVALID']]);
    const counted = await statistics.read({ region: '3301' }, '2026-03-01', '2026-03-02');
    expect(counted).toEqual(
      expect.arrayContaining([
        { day: '2026-03-01', region: '3301', operation: 'read', count: 1 },
        { day: '2026-03-01', region: '3301', operation: 'write', count: 1 },
        { day: '2026-03-02', region: '3301', operation: 'modify', count: 1 },
      ]),
    );
    expect(counted).toHaveLength(3);
    expect(await statistics.read({ region: '3302' }, '2026-03-01', '2026-03-02')).toEqual([]);
    await expect(statistics.read({}, '2026-01-01', '2026-03-02')).rejects.toBeInstanceOf(
      DomainError,
    );
    expect(await cards.list(personId)).toHaveLength(1);
  });
};

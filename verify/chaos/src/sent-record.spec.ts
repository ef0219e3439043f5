import { seededRandom } from '@caretab/doubles';
import { SentRecord } from './sent-record';
import { citizensOf, INSTITUTIONS } from './hospitals-people';
import { type ChaosAction, planVisit } from './hospitals-visit';

const random = seededRandom(5);
const others = citizensOf(random);
const plan = planVisit(random, {
  visitNumber: 'S5.1',
  institution: INSTITUTIONS[0],
  citizen: others[0]!,
  others,
  now: new Date('2026-03-02T04:00:00Z'),
});
const charge = {
  chargeId: 'a',
  itemCode: '110200001',
  quantity: '1',
  unitPriceYuan: '10.00',
  amountFen: 1000,
  occurredAt: '2026-03-02T08:00:00+08:00',
};
const said = (action: object): ChaosAction =>
  ({
    pauseMs: 0,
    again: false,
    at: '2026-03-02T08:00:00+08:00',
    key: 'k',
    ...action,
  }) as ChaosAction;

test('a charge is counted once, however often and in whatever contents it is sent', () => {
  const book = new SentRecord();
  const visit = book.open(plan);
  expect(book.sending(visit, said({ kind: 'charges', charges: [charge] }))).toEqual(['a']);
  expect(book.sending(visit, said({ kind: 'charges', charges: [charge] }))).toEqual([]);
  expect(
    book.sending(visit, said({ kind: 'charges', charges: [{ ...charge, amountFen: 7000 }] })),
  ).toEqual([]);
  expect(book.charges).toBe(1);
  expect([...visit.charges.get('a')!.amountsFen]).toEqual([1000, 7000]);
});

test('a content counts as a conflict only when it was acknowledged, and once', () => {
  const book = new SentRecord();
  const visit = book.open(plan);
  const [first, other] = [
    said({ kind: 'charges', charges: [charge] }),
    said({ kind: 'charges', charges: [{ ...charge, department: 'OTHER' }] }),
  ];
  for (const action of [first, first, other, other]) book.sending(visit, action);
  book.acknowledged(visit, first, ['m1']);
  expect(visit.charges.get('a')).toMatchObject({ isAcknowledged: true, contents: { size: 1 } });
  for (const action of [first, other, other]) book.acknowledged(visit, action, ['m2']);
  expect(visit.charges.get('a')!.contents.size).toBe(2);
  expect([...book.messageIds]).toEqual(['m1', 'm2']);
});

test(
  'of two returns of one charge one is rejected, whichever was ' +
    'handled second; of a return of nothing, that one',
  () => {
    const book = new SentRecord();
    const visit = book.open(plan);
    const takeBack = (returnId: string, chargeId: string, isBad: boolean): ChaosAction =>
      said({ kind: 'return', returnId, charge: { ...charge, chargeId }, isBad });
    for (const [action, id] of [
      [takeBack('c1', 'a', false), 'm1'],
      [takeBack('c2', 'a', true), 'm2'],
      [takeBack('c2', 'a', true), 'm2'],
      [takeBack('c3', 'never', true), 'm3'],
    ] as const) {
      book.sending(visit, action);
      book.acknowledged(visit, action, [id]);
    }
    expect(book.bad).toEqual([['m2', 'm1'], ['m3']]);
  },
);

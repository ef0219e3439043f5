import { answered, gatewayOn, hl7 } from '../../test/gateway';
import { keepOver } from '../fate/over-visits';
import type { VisitEvent } from '../fate/words';

type Gateway = ReturnType<typeof gatewayOn>;
const VISIT_ID = 'HZ001-V0001';

const sent = async (gateway: Gateway, text: string) =>
  answered(await gateway.hl7Door.answer(Buffer.from(text, 'utf8')));
const adt = (event: string, controlId: string, changes: object = {}): string =>
  hl7(`ADT^${event}`, { controlId, ...changes });
const told = (gateway: Gateway, type: string, data: object) =>
  gateway.store.transact((transaction) =>
    keepOver(transaction, [{ type, data: { visitId: VISIT_ID, ...data } } as VisitEvent]),
  );
const closed = async (): Promise<Gateway> => {
  const gateway = gatewayOn();
  await sent(gateway, adt('A04', 'S1'));
  await told(gateway, 'VisitClosed', {
    ...{ visitClass: 'outpatient', closedAt: '2024-01-15T09:01:00+08:00' },
  });
  return gateway;
};
const ended = (at: string) => ({ pv1: { 45: at } });

test.each<[string, string, object, string]>([
  ['an end at another time', 'A03', ended('20240115090200'), 'VISIT_NOT_OPEN'],
  ['a reopening', 'A13', {}, 'VISIT_NOT_OPEN'],
  ['a cancellation', 'A11', {}, 'VISIT_NOT_OPEN'],
  ['another class', 'A06', { pv1: { 2: 'I' } }, 'VISIT_CLASS_FIXED'],
  ['an opening at another time', 'A04', { pv1: { 44: '20240115090300' } }, 'VISIT_CONFLICT'],
])('of a closed visit %s is refused at once', async (_what, event, changes, code) => {
  const gateway = await closed();
  expect(await sent(gateway, adt(event, 'M2', changes))).toMatchObject({
    ...{ code: 'AE', errors: [code] },
  });
});

test.each([
  ['A03', { evn: { 2: '20240115090200', 6: '' }, pv1: { 45: '' } }, 'EVN-2'],
  ['A03', ended('20240115090200'), 'PV1-45'],
  ['A04', { evn: { 6: '20240115090300' }, pv1: { 44: '' } }, 'EVN-6'],
  ['A04', { pv1: { 44: '20240115090300' } }, 'PV1-44'],
])(
  'an %s of another moment is refused by the field that says it',
  async (event, changes, field) => {
    const gateway = await closed();
    await sent(gateway, adt(event, 'M2', changes));
    expect(await gateway.quarantine.list('open')).toMatchObject([{ faults: [{ field }] }]);
  },
);

test('of a closed visit the same end, opening and class are no change', async () => {
  const gateway = await closed();
  for (const [index, message] of (
    [
      ['A03', ended('20240115090100')],
      ['A04', {}],
      ['A08', {}],
    ] as const
  ).entries())
    expect(await sent(gateway, adt(message[0], `M${index}`, message[1]))).toMatchObject({
      code: 'AA',
    });
});

test('a cancelled visit takes no end and no opening, and is cancelled once more', async () => {
  const gateway = gatewayOn();
  await sent(gateway, adt('A04', 'S1'));
  await told(gateway, 'VisitCancelled', {});
  const end = await sent(gateway, adt('A03', 'M2', ended('20240115090200')));
  expect(end).toMatchObject({ code: 'AE', errors: ['VISIT_NOT_OPEN'] });
  const anew = await sent(gateway, adt('A04', 'M3'));
  expect(anew).toMatchObject({ code: 'AE', errors: ['VISIT_NOT_OPEN'] });
  expect(await sent(gateway, adt('A04', 'S1'))).toMatchObject({ code: 'AA' });
  expect(await sent(gateway, adt('A11', 'M4'))).toMatchObject({ code: 'AA' });
});

describe('a reopening', () => {
  const refused = { code: 'AE', errors: ['VISIT_NOT_ENDED'] };
  test('of a visit that was never ended is refused on its first day', async () => {
    const gateway = gatewayOn();
    await sent(gateway, adt('A04', 'S1'));
    expect(await sent(gateway, adt('A13', 'M2'))).toMatchObject(refused);
    await sent(gateway, adt('A03', 'M3', ended('20240115090200')));
    expect(await sent(gateway, adt('A13', 'M4'))).toMatchObject({ code: 'AA' });
  });
  test('is left to the ledger later, when a rule may have ended it, and where it came by another way', async () => {
    const gateway = gatewayOn();
    await sent(gateway, adt('A04', 'S1'));
    gateway.clock.set('2024-01-15T16:00:00Z');
    expect(await sent(gateway, adt('A13', 'M2'))).toMatchObject({ code: 'AA' });
  });
});

test('what lies long before the start is refused', async () => {
  const gateway = gatewayOn();
  await sent(gateway, adt('A04', 'S1'));
  for (const event of ['A08', 'A11'])
    expect(
      await sent(gateway, adt(event, `M${event}`, { evn: { 2: '20240115065900', 6: '' } })),
    ).toMatchObject({ code: 'AE', errors: ['TIME_BEFORE_START'] });
});

import { eventsOf, hl7Of, messageOf, requestOf } from '.';
import type { ReportedCharge, ReportedVisit, VisitReport } from '.';

const visit: ReportedVisit = {
  institutionId: 'HZ001',
  visitNumber: 'V0001',
  visitClass: 'inpatient',
  department: 'CARD',
  startedAt: '2026-03-02T08:00:00+08:00',
  // The specimen of GB 11643, which no person bears.
  patient: { idNumber: '11010519491231002X', name: '欧阳晚晴', recordNumber: 'MR-1' },
};
const charge: ReportedCharge = {
  chargeId: 'V0001.1',
  itemCode: '250101015',
  itemName: '血细胞分析',
  quantity: '2',
  unitPriceYuan: '20.00',
  amountFen: 4000,
  occurredAt: '2026-03-02T08:30:00+08:00',
};
const at = '2026-03-02T09:00:00+08:00';
const segments = (report: VisitReport): string[] =>
  hl7Of(visit, report, { controlId: 'M1' }).split('\r');

describe('in HL7', () => {
  test('a charge is one FT1 of a P03, in the fields of the standard', () => {
    expect(segments({ kind: 'charges', at, charges: [charge] })).toEqual([
      'MSH|^~\\&|HIS|HZ001|CARETAB|CITY|20260302090000+0800||DFT^P03^DFT_P03|M1|P|2.5.1|||AL|NE|CHN|UNICODE UTF-8',
      'EVN|P03|20260302090000+0800',
      'PID|1||11010519491231002X^^^CN^NI~MR-1^^^HZ001^MR||欧^阳晚晴||19491231|F',
      `PV1|1|I|CARD^001^^HZ001${'|'.repeat(16)}V0001${'|'.repeat(25)}20260302080000+0800`,
      'FT1|1|V0001.1||20260302083000+0800|20260302083000+0800|CG|250101015^血细胞分析|||2|40.00&CNY|20.00&CNY|CARD',
    ]);
  });

  test('a return is a CD with negative quantity and amount, and names the charge in FT1-31', () => {
    const [transaction] = segments({ kind: 'return', at, returnId: 'V0001.1.CD', charge }).slice(4);
    expect(transaction!.split('|')).toMatchObject({
      2: 'V0001.1.CD',
      6: 'CD',
      10: '-2',
      11: '-40.00&CNY',
      12: '20.00&CNY',
      31: 'V0001.1',
    });
  });

  test.each([
    ['start', 'ADT^A01^ADT_A01', ''],
    ['update', 'ADT^A08^ADT_A01', ''],
    ['cancel', 'ADT^A11^ADT_A09', ''],
    ['end', 'ADT^A03^ADT_A03', '20260302090000+0800'],
  ] as const)('%s is %s', (kind, type, endedAt) => {
    const [msh, , , pv1] = segments({ kind, at, department: 'SURG' } as VisitReport);
    expect(msh!.split('|')[8]).toBe(type);
    expect(pv1!.split('|')[45] ?? '').toBe(endedAt);
    expect(pv1!.split('|')[3]).toBe(`${kind === 'update' ? 'SURG' : 'CARD'}^001^^HZ001`);
  });
});

test('over HTTP the item has no name, and the visit shows who the patient is only at its start', () => {
  expect(requestOf(visit, { kind: 'charges', at, charges: [charge] })).toEqual({
    path: '/v1/visits/HZ001-V0001/charges',
    body: { charges: [{ ...charge, itemName: undefined }] },
  });
  expect(JSON.stringify(requestOf(visit, { kind: 'start', at }))).toContain(visit.patient.idNumber);
  expect(JSON.stringify(requestOf(visit, { kind: 'end', at }))).not.toContain(
    visit.patient.idNumber,
  );
});

test('on the bus each charge is an event, keyed by its visit, with who sent it and when', () => {
  const events = eventsOf(visit, { kind: 'charges', at, charges: [charge, charge] });
  expect(events.map(({ type }) => type)).toEqual(['ChargePosted', 'ChargePosted']);
  expect(messageOf(events[0]!, { institutionId: 'HZ001', id: 'e1', at })).toMatchObject({
    key: 'HZ001-V0001',
    headers: {
      ce_id: 'e1',
      ce_type: 'ChargePosted',
      ce_source: 'hospital/HZ001',
      ce_time: '2026-03-02T01:00:00.000Z',
    },
  });
});

test('whoever publishes by itself names the person, never the ID number', () => {
  const [started] = eventsOf(visit, { kind: 'start', at });
  const { value } = messageOf(started!, { institutionId: 'HZ001', id: 'e1', at, personId: 'p-1' });
  expect(JSON.parse(value)).toMatchObject({ visitId: 'HZ001-V0001', personId: 'p-1' });
  expect(value).not.toContain(visit.patient.idNumber);
});

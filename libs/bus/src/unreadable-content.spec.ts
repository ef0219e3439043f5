import { hospitalVisitEvents } from '@caretab/contracts';
import { keptHeaders, keptKey, keptValue } from './unreadable-content';

const kept = (value: unknown): unknown =>
  JSON.parse(keptValue(hospitalVisitEvents, JSON.stringify(value)));

test('of a message that cannot be read, members that the contract has are kept as they were sent', () => {
  const text = '{ "visitId": "HZ001-V1",  "amountFen": "12", "department": "内科" }';
  expect(keptValue(hospitalVisitEvents, text)).toBe(text);
});

test('names that the contract has no place for are masked, at any depth', () => {
  expect(
    kept({
      visitId: 'HZ001-V1',
      patientName: 'Zhou',
      xm: '周某某',
      patient: { 姓名: '周某', phones: [13800000000], note: 'Mr Zhou', mail: 'z@x.cn' },
    }),
  ).toEqual({
    visitId: 'HZ001-V1',
    patientName: '****',
    xm: '***',
    patient: { '**': '**', phones: [null], note: '** ****', mail: '******' },
  });
});

test('codes of a later release stay, so that it can replay the message', () => {
  const later = {
    visitId: 'HZ001-V1',
    identifier: { kindOfIt: 'mr', digest: 'q3+/=' },
    isTest: true,
    until: '2026-03-02T08:00:00+08:00',
    count: 3,
  };
  expect(kept(later)).toEqual(later);
});

test('of a text that is no JSON letters beyond ASCII and ID numbers are masked', () => {
  expect(keptValue(hospitalVisitEvents, 'PID|1||11010519491231002X||周^某')).toBe(
    `PID|1||${'*'.repeat(18)}||*^*`,
  );
});

test('headers of the envelope stay, others are masked; a key is an id', () => {
  expect(keptHeaders({ ce_id: 'e-1', ce_source: '周', patient: 'Zhou W' })).toEqual({
    ce_id: 'e-1',
    ce_source: '*',
    patient: '**** *',
  });
  expect([keptKey('HZ001-V1'), keptKey('周-11010519491231002X'), keptKey('13800000000')]).toEqual([
    'HZ001-V1',
    '*-11010519491231002X',
    '*'.repeat(11),
  ]);
});

test('a text that is nested beyond every walk is kept as a text', () => {
  const deep = `${'{"周":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
  expect(keptValue(hospitalVisitEvents, deep)).toBe(deep.replaceAll('周', '*'));
});

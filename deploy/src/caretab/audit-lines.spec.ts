import { type AccessRecordShown, shownRecordHash } from '@caretab/host';
import { type Exported, faultsIn, syslogOf } from './audit-lines';

const recordAt = (position: number, previous: string, subject = 'desk-7'): Exported => {
  const record = {
    ...{ position, previous, hash: '', subject, roles: 'Desk', action: 'persons.read' },
    ...{ at: '2026-03-02T08:00:00.000Z', person: 'p-1', outcome: 'allowed', times: 1 },
    policies: 'desk-persons',
  } as AccessRecordShown;
  return { service: 'identity', ...record, hash: shownRecordHash(record) };
};
const chain = (count: number): Exported[] => {
  const records: Exported[] = [];
  for (let position = 5; position < 5 + count; position += 1)
    records.push(recordAt(position, records.at(-1)?.hash ?? 'before'));
  return records;
};

test('a record is one message of RFC 5424, with what could end a value escaped', () => {
  const record = { ...recordAt(7, ''), subject: 'a"b]c\\d' };
  const line = syslogOf(record, 'host-1');
  expect(line).toContain(
    '<110>1 2026-03-02T08:00:00.000Z host-1 caretab identity persons.read [access@32473 service="identity"',
  );
  expect(line).toContain('subject="a\\"b\\]c\\\\d"');
  expect(line).toMatch(/\]$/);
  expect(syslogOf({ ...record, outcome: 'refused' }, 'host-1')).toMatch(/^<108>1 /);
});

test('an export fits itself, until one record is changed, dropped or moved', () => {
  const records = chain(4);
  expect(faultsIn(records, shownRecordHash)).toEqual([]);
  const changed = records.map((one, at) => (at === 1 ? { ...one, person: 'p-2' } : one));
  expect(faultsIn(changed, shownRecordHash)).toEqual(['identity/6 is another than its hash says']);
  const dropped = records.filter((_, at) => at !== 2);
  expect(faultsIn(dropped, shownRecordHash)).toEqual(['records before identity/8 are missing']);
  const rewritten = records.map((one, at) => (at === 2 ? recordAt(7, 'other') : one));
  expect(faultsIn(rewritten, shownRecordHash)).toEqual([
    'identity/7 does not follow the one before',
    'identity/8 does not follow the one before',
  ]);
});

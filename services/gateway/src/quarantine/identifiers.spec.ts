import { hl7, SPECIMEN } from '../../test/gateway';
import { identifiersIn } from './identifiers';

test('an ID number is found wherever it stands', () => {
  for (const text of [
    `no message at all, but ${SPECIMEN}`,
    hl7('ADT^A04'),
    hl7('ADT^A04', { pid: { 3: '', 19: SPECIMEN } }),
    JSON.stringify({ body: { credential: { type: 'id-number', value: SPECIMEN } } }),
    `ZZZ|${SPECIMEN}|`,
  ])
    expect(identifiersIn(text)).toContain(SPECIMEN);
});

test('a card is found in the patient segment and in the credential of a request', () => {
  expect(identifiersIn(hl7('ADT^A04', { pid: { 3: 'HC-0001^^^HZ^HC' } }))).toContain('HC-0001');
  const request = {
    action: 'start',
    body: { credential: { type: 'health-card', value: 'HC-0001' } },
  };
  expect(identifiersIn(JSON.stringify(request))).toContain('HC-0001');
});

test('a message of many charges gives no more than a hundred texts', () => {
  const text = Array.from({ length: 500 }, (_, index) => `PID|${index}${index}00${index}`).join(
    '\r',
  );
  expect(identifiersIn(text).length).toBeLessThanOrEqual(100);
});

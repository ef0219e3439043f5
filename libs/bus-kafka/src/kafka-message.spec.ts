import { creditAccounts, read, UNREADABLE } from '@caretab/contracts';
import fc from 'fast-check';
import { receivedOf } from './kafka-message';

const personId = 'p-00000000-0000-4000-8000-000000000001';
const value = Buffer.from(JSON.stringify({ personId, closedAt: '2026-03-02T08:00:00Z' }));
const headers = {
  ce_id: Buffer.from('e-1'),
  ce_type: Buffer.from('ServiceClosed'),
  ce_time: Buffer.from('2026-03-02T08:00:00Z'),
  ce_source: Buffer.from('credit'),
};
const sound = { offset: '7', key: Buffer.from(personId), value, headers };
const received = (more: object) =>
  receivedOf('credit.accounts', 3, { ...sound, ...more } as typeof sound);
const codeOf = (more: object): string => {
  try {
    return read(creditAccounts, received(more)).type;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test('a sound record is the message that was sent', () =>
  expect(received({})).toEqual({
    topic: 'credit.accounts',
    partition: 3,
    offset: 7n,
    key: personId,
    value: value.toString(),
    headers: {
      ce_id: 'e-1',
      ce_type: 'ServiceClosed',
      ce_time: '2026-03-02T08:00:00Z',
      ce_source: 'credit',
    },
  }));

test.each<[string, object, string]>([
  ['a tombstone', { value: null }, 'NOT_JSON'],
  ['a record without a key', { key: null }, 'KEY_MISMATCH'],
  ['a record without headers', { headers: undefined }, 'HEADER_MISSING'],
  ['a header without a value', { headers: { ...headers, ce_id: null } }, 'HEADER_MISSING'],
  ['a foreign header without a value', { headers: { ...headers, origin: null } }, 'ServiceClosed'],
  ['a key that is no UTF-8', { key: Buffer.from([0xff]) }, 'TEXT_UNREADABLE'],
  [
    'a value that is no UTF-8',
    { value: Buffer.concat([value, Buffer.from([0xc3])]) },
    'TEXT_UNREADABLE',
  ],
  [
    'an id that is no UTF-8',
    { headers: { ...headers, ce_id: Buffer.from([0xfe]) } },
    'TEXT_UNREADABLE',
  ],
  [
    'two ids',
    { headers: { ...headers, ce_id: [Buffer.from('e-1'), Buffer.from('e-2')] } },
    'TEXT_UNREADABLE',
  ],
  [
    'the same id twice',
    { headers: { ...headers, ce_id: [Buffer.from('e-1'), Buffer.from('e-1')] } },
    'ServiceClosed',
  ],
  [
    'two values of a header that is no attribute',
    { headers: { ...headers, hop: [Buffer.from('a'), Buffer.from('b')] } },
    'ServiceClosed',
  ],
  [
    'a header called as every object’s own',
    { headers: { ...headers, constructor: [Object, Buffer.from('x')] } },
    'ServiceClosed',
  ],
  [
    'our own mark, sent from outside',
    { headers: { ...headers, [UNREADABLE]: Buffer.from('x') } },
    'TEXT_UNREADABLE',
  ],
])('%s: %s', (_what, more, outcome) => expect(codeOf(more)).toBe(outcome));

test('two ids that are no text stay two', () => {
  const idOf = (byte: number): string | undefined =>
    received({ headers: { ...headers, ce_id: Buffer.from([byte]) } }).headers['ce_id'];
  expect(idOf(0xfe)).not.toBe(idOf(0xff));
});

test('a header called __proto__ is kept as any other', () => {
  const { headers: kept } = received({
    headers: { ['__proto__']: [Object.prototype, Buffer.from('x')], ce_id: Buffer.from('e-1') },
  });
  expect(Object.entries(kept)).toEqual([
    ['__proto__', 'x'],
    ['ce_id', 'e-1'],
  ]);
});

test('whatever bytes stand in a record, it is read or refused by name', () => {
  const bytes = fc.option(
    fc
      .oneof(
        fc.uint8Array({ maxLength: 30 }),
        fc.constantFrom(value, headers.ce_id, headers.ce_type, headers.ce_time),
      )
      .map((all) => Buffer.from(all)),
    { nil: null },
  );
  const names = fc.oneof(
    fc.constantFrom(
      'ce_id',
      'ce_type',
      'ce_time',
      'ce_source',
      'ce_causationid',
      'traceparent',
      '__proto__',
      'toString',
    ),
    fc.string(),
  );
  const anyHeaders = fc
    .array(fc.tuple(names, fc.oneof(bytes, fc.array(bytes, { maxLength: 3 }))), { maxLength: 8 })
    .map((all) => Object.fromEntries(all));
  fc.assert(
    fc.property(
      bytes,
      bytes,
      fc.oneof(
        anyHeaders,
        anyHeaders.map((more) => ({ ...headers, ...more })),
      ),
      (key, body, all) =>
        expect(codeOf({ key, value: body, headers: all })).toMatch(
          /^(ServiceClosed|[A-Z_]{5,40})$/,
        ),
    ),
    { numRuns: 2000 },
  );
});

import { message, topic } from '@caretab/contracts';
import { fixedClock } from '@caretab/doubles';
import { Type } from '@sinclair/typebox';
import { type AuthorKeys, Authors } from './authors';
import type { Message, ReceivedMessage } from './bus';
import { authorsOf, BusKeys, BusKeysRefused, readAuthors, readSigningKeys } from './bus-keys';
import { readSignature, SIGNATURE, signedAll } from './message-signature';
import { TWIN_AUTHORS, twinBusSettings, twinKeyOf } from './twin-authors';

const events = {
  PaymentCaptured: Type.Object({ visitId: Type.String() }, { additionalProperties: false }),
};
const rest = { keyField: 'visitId', partitions: 1, retentionMs: 1000, events };
const payments = topic({
  name: 'payment.payments',
  description: 'Payments.',
  authors: ['payment'],
  ...rest,
});
const clearing = topic({ ...payments, name: 'payment.clearing' });
const reports = topic({ ...payments, name: 'hospital.reports.HZ003', authors: ['hospital/HZ003'] });

const captured = (visitId: string, source = 'payment'): Message => {
  const made = message(
    payments,
    'PaymentCaptured',
    { visitId },
    {
      id: `captured-${visitId}`,
      time: new Date('2026-03-02T08:00:00Z'),
      source,
      causedBy: {
        id: 'due-1',
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      },
    },
  );
  return { key: made.key, headers: made.headers, value: JSON.stringify(made.value) };
};
const received = (one: Message, name = payments.name): ReceivedMessage => ({
  ...one,
  topic: name,
  partition: 0,
  offset: 0n,
});
const signedBy = (author: string, count = 1): Message[] =>
  signedAll(
    payments.name,
    Array.from({ length: count }, (_, index) => captured(`V${index}`)),
    twinKeyOf(author),
  );

const authorsWith = (keys: AuthorKeys = TWIN_AUTHORS, at = '2026-03-02T09:00:00Z') =>
  new Authors(keys, fixedClock(at));
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'taken';
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const verdict = (one: Message, authors = authorsWith(), on = payments): string =>
  codeOf(() => authors.verify(on, received(one, on.name)));

describe('a message of the bus', () => {
  test.each([1, 2, 5, 20])('is taken from its author, in a batch of %i', (count) => {
    const authors = authorsWith();
    for (const one of signedBy('payment', count)) expect(verdict(one, authors)).toBe('taken');
    // And once more: by another group of the process.
    for (const one of signedBy('payment', count)) expect(verdict(one, authors)).toBe('taken');
  });

  test('of another author is refused, however well it is signed', () => {
    expect(verdict(signedBy('credit')[0]!)).toBe('AUTHOR_FORBIDDEN');
    expect(verdict(signedBy('hospital/HZ003')[0]!)).toBe('AUTHOR_FORBIDDEN');
  });

  test('without a signature, or with that of a key that is unknown, is refused', () => {
    const nobodys: AuthorKeys = { of: () => undefined };
    expect(verdict(captured('V1'))).toBe('AUTHOR_FORBIDDEN');
    expect(verdict(signedBy('payment')[0]!, authorsWith(nobodys))).toBe('AUTHOR_FORBIDDEN');
  });

  const [first, second] = signedBy('payment', 5) as [Message, Message];
  const headers = (change: Record<string, string>): Message => ({
    ...first,
    headers: { ...first.headers, ...change },
  });
  test.each<[string, Message]>([
    ['value', { ...first, value: '{"visitId":"V9"}' }],
    ['key', { ...first, key: 'V9' }],
    ['id', headers({ ce_id: 'captured-again' })],
    ['type', headers({ ce_type: 'PaymentDeclined' })],
    ['source', headers({ ce_source: 'credit' })],
    ['time', headers({ ce_time: '2026-03-03T08:00:00.000Z' })],
    ['cause', headers({ ce_causationid: 'due-2' })],
    ['trace', headers({ traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4737-00f067aa0ba902b7-01' })],
    ['signature, which is of its neighbour', headers({ [SIGNATURE]: second.headers[SIGNATURE]! })],
    ['signature, which is none', headers({ [SIGNATURE]: 'payment.AAAA' })],
    [
      'key id, which is of another author of nothing here',
      headers({ [SIGNATURE]: first.headers[SIGNATURE]!.replace('payment.', 'credit.') }),
    ],
  ])('is refused with another %s, before and after the right one was taken', (_, forged) => {
    const authors = authorsWith();
    const refused = expect.stringMatching(/^(SIGNATURE_INVALID|AUTHOR_FORBIDDEN)$/) as string;
    expect(verdict(forged, authors)).toEqual(refused);
    for (const one of signedBy('payment', 5)) authors.verify(payments, received(one));
    expect(verdict(forged, authors)).toEqual(refused);
  });

  test('is refused on another topic of its author', () => {
    expect(verdict(first, authorsWith(), clearing)).toBe('SIGNATURE_INVALID');
  });

  test('that says where it was corrected passes for no message', () => {
    const [corrected] = signedAll(
      payments.name,
      [captured('V1')],
      twinKeyOf('payment'),
      'correction',
    );
    expect(verdict(corrected!)).toBe('SIGNATURE_INVALID');
  });

  test('of a hospital says its own name, and stands on its own topic', () => {
    const as = (source: string): Message =>
      signedAll(reports.name, [captured('V1', source)], twinKeyOf('hospital/HZ003'))[0]!;
    expect(verdict(as('hospital/HZ003'), authorsWith(), reports)).toBe('taken');
    expect(verdict(as('hospital/HZ001'), authorsWith(), reports)).toBe('AUTHOR_FORBIDDEN');
    const [another] = signedAll(
      reports.name,
      [captured('V1', 'hospital/HZ001')],
      twinKeyOf('hospital/HZ001'),
    );
    expect(verdict(another!, authorsWith(), reports)).toBe('AUTHOR_FORBIDDEN');
  });

  test('is read from any text without a failure', () => {
    for (const text of [
      '',
      '.',
      'x',
      'payment.',
      `payment.${'A'.repeat(97)}`,
      `a.${'_'.repeat(96)}`,
    ])
      expect(() => readSignature(text)).not.toThrow();
  });
});

describe('the keys of authors', () => {
  const keysOf = (more: object): AuthorKeys => {
    const [key] = authorsOf(twinBusSettings().BUS_SIGNING_KEYS).filter(
      (one) => (one as { author: string }).author === 'payment',
    );
    return readAuthors(JSON.stringify({ keys: [{ ...key, ...more }] }));
  };
  const [own] = signedBy('payment') as [Message];

  test('count from their beginning to their end', () => {
    const keys = keysOf({ from: '2026-03-02T00:00:00Z', until: '2026-03-03T00:00:00Z' });
    const at = (now: string): string => verdict(own, authorsWith(keys, now));
    expect(at('2026-03-01T23:59:59Z')).toBe('AUTHOR_FORBIDDEN');
    expect(at('2026-03-02T00:00:00Z')).toBe('taken');
    expect(at('2026-03-03T00:00:00Z')).toBe('AUTHOR_FORBIDDEN');
  });

  test('are several of one author: the old one verifies what it signed', () => {
    const older = { kid: 'payment-old', author: 'payment', key: twinKeyOf('older').key };
    const keys: AuthorKeys = {
      of: (kid) =>
        kid === older.kid
          ? { ...TWIN_AUTHORS.of('older')!, ...older, key: TWIN_AUTHORS.of('older')!.key }
          : TWIN_AUTHORS.of(kid),
    };
    const [before] = signedAll(payments.name, [captured('V1')], older);
    expect(verdict(before!, authorsWith(keys))).toBe('taken');
    expect(verdict(own, authorsWith(keys))).toBe('taken');
  });

  test('take unsigned messages for as long as the operator said', () => {
    const keys: AuthorKeys = { ...TWIN_AUTHORS, unsignedUntil: new Date('2026-03-02T10:00:00Z') };
    expect(verdict(captured('V1'), authorsWith(keys))).toBe('taken');
    expect(verdict(captured('V1'), authorsWith(keys, '2026-03-02T10:00:00Z'))).toBe(
      'AUTHOR_FORBIDDEN',
    );
    expect(verdict(signedBy('credit')[0]!, authorsWith(keys))).toBe('AUTHOR_FORBIDDEN');
  });

  test.each([
    ['no JSON', 'not JSON at all {'],
    ['no list', '{"keys": {}}'],
    ['a short key', '{"keys": [{"kid": "a", "author": "payment", "key": "AAAA"}]}'],
    ['a strange author', '{"keys": [{"kid": "a", "author": "no one!", "key": ""}]}'],
    ['a file that is not there', '/nowhere/authors.json'],
  ])('are refused with %s, without the text', (_, text) => {
    expect(() => readAuthors(text)).toThrow(BusKeysRefused);
    expect(() => readSigningKeys('{"payment": {"kid": "a", "key": "c2VjcmV0"}}')).toThrow(
      /^BUS_SIGNING_KEYS: the key of payment is not 32 bytes in base64$/,
    );
  });

  test('of a process are those of its settings', () => {
    const { BUS_SIGNING_KEYS: signingKeys, BUS_AUTHORS: authors } = twinBusSettings();
    const keys = new BusKeys({ signingKeys, authors });
    const [one] = signedAll(payments.name, [captured('V1')], keys.signingKeyOf('payment'));
    expect(verdict(one!, authorsWith(keys))).toBe('taken');
    expect(() => keys.signingKeyOf('no-service')).toThrow(BusKeysRefused);
    keys.reload();
    expect(verdict(one!, authorsWith(keys))).toBe('taken');
  });
});

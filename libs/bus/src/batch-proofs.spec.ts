import { topic } from '@caretab/contracts';
import { fixedClock } from '@caretab/doubles';
import { DomainError } from '@caretab/kernel';
import fc from 'fast-check';
import { Authors } from './authors';
import type { Message } from './bus';
import {
  readSignature,
  SIGNATURE,
  signedAll,
  type SignatureHeader,
  writeSignature,
} from './message-signature';
import { proofForgeries } from './proof-forgeries';
import { TWIN_AUTHORS, twinKeyOf } from './twin-authors';

const rest = { description: '', keyField: 'visitId', partitions: 1, retentionMs: 1, events: {} };
const payments = topic({ name: 'payment.payments', authors: ['payment'], ...rest });
const clearing = topic({ ...payments, name: 'payment.clearing' });

const message = (id: number): Message => ({
  key: `V${id}`,
  headers: { ce_id: `id-${id}`, ce_type: 'PaymentCaptured', ce_source: 'payment' },
  value: `{"visitId":"V${id}"}`,
});
const batchOf = (size: number, first = 0): Message[] =>
  Array.from({ length: size }, (_, index) => message(first + index));

const judge = () => {
  const authors = new Authors(TWIN_AUTHORS, fixedClock('2026-03-02T09:00:00Z'));
  return (one: Message, on = payments): string => {
    try {
      authors.verify(on, { ...one, topic: on.name, partition: 0, offset: 0n });
      return 'taken';
    } catch (error) {
      if (error instanceof DomainError) return error.code;
      throw error;
    }
  };
};
const REFUSED = /^(AUTHOR_FORBIDDEN|SIGNATURE_INVALID)$/;
const [by, another] = [twinKeyOf('payment'), twinKeyOf('credit')];

const batches = fc
  .integer({ min: 2, max: 70 })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.nat(size - 1) }));

test('no forged proof is taken, before and after its batch was', () => {
  fc.assert(
    fc.property(batches, ({ size, index }) => {
      const verdict = judge();
      const batch = batchOf(size);
      const forgeries = proofForgeries(payments.name, { batch, by, another }, index);
      const taken = (): string[] =>
        [...forgeries].filter(([, one]) => !REFUSED.test(verdict(one))).map(([what]) => what);
      expect(taken()).toEqual([]);
      for (const one of signedAll(payments.name, batch, by)) expect(verdict(one)).toBe('taken');
      expect(taken()).toEqual([]);
    }),
  );
});

test('a header is read as it was written', () => {
  fc.assert(
    fc.property(batches, ({ size, index }) => {
      const text = signedAll(payments.name, batchOf(size), by)[index]!.headers[SIGNATURE]!;
      expect(writeSignature(readSignature(text)!)).toBe(text);
    }),
  );
});

/** Two batches of the author, one of another, and one of the author for another topic. */
const signed = [
  ...signedAll(payments.name, batchOf(6), by),
  ...signedAll(payments.name, batchOf(3, 6), by),
  ...signedAll(payments.name, batchOf(6), another),
  ...signedAll(clearing.name, batchOf(4, 20), by),
];
const headers = signed.map((one) => readSignature(one.headers[SIGNATURE]!)!);
const anyOf = <Part>(part: (header: SignatureHeader) => Part): fc.Arbitrary<Part> =>
  fc.constantFrom(...headers.map(part));
const digest = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));
const small = fc.oneof(fc.nat(8), fc.nat(2 ** 32 - 1));

/** Parts of true headers and invented ones, put together at will. */
const patched = fc.record({
  kid: fc.oneof(
    anyOf(({ kid }) => kid),
    fc.constantFrom('nobody', 'x/y'),
  ),
  index: fc.oneof(
    anyOf(({ index }) => index),
    small,
  ),
  size: fc.oneof(
    anyOf(({ size }) => size),
    small,
  ),
  signature: fc.oneof(
    { weight: 4, arbitrary: anyOf(({ signature }) => signature) },
    {
      weight: 1,
      arbitrary: fc.uint8Array({ minLength: 64, maxLength: 64 }).map((b) => Buffer.from(b)),
    },
  ),
  proof: fc.oneof(
    { weight: 3, arbitrary: anyOf(({ proof }) => proof) },
    {
      weight: 1,
      arbitrary: fc.array(
        fc.oneof(
          digest,
          anyOf(({ proof }) => proof[0]!),
        ),
        { maxLength: 33 },
      ),
    },
  ),
});
/** A true text, with some of it replaced, doubled or left out. */
const spoilt = fc
  .record({
    text: fc.constantFrom(...signed.map((one) => one.headers[SIGNATURE]!)),
    at: fc.nat(200),
    length: fc.nat(120),
    put: fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('.', '=', 'A')),
  })
  .map(({ text, at, length, put }) => text.slice(0, at) + put + text.slice(at + length));
const texts = fc.oneof(
  { weight: 4, arbitrary: patched.map(writeSignature) },
  { weight: 2, arbitrary: spoilt },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 2000 }) },
);
const contents = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...signed) },
  { weight: 1, arbitrary: fc.nat(40).map(message) },
);
const saidOf = ({ key, headers: { [SIGNATURE]: _, ...said }, value }: Message): string =>
  JSON.stringify([key, said, value]);
const own = new Set(signed.slice(0, 9).map(saidOf));

test('whatever the header says, what is taken was signed for this topic by its author', () => {
  const verdict = judge();
  let taken = 0;
  fc.assert(
    fc.property(contents, texts, (content, text) => {
      const one = { ...content, headers: { ...content.headers, [SIGNATURE]: text } };
      const said = verdict(one);
      if (said !== 'taken') return expect(said).toMatch(REFUSED);
      taken += 1;
      expect(own).toContain(saidOf(one));
    }),
    { numRuns: 3000, examples: signed.map((one) => [one, one.headers[SIGNATURE]!]) },
  );
  expect(taken).toBeGreaterThanOrEqual(own.size);
});

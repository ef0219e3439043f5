import { FrameReader } from '@caretab/contracts';
import type { Charge } from '@caretab/contracts';
import { DomainError, extend, parseYuan } from '@caretab/kernel';
import fc from 'fast-check';
import { charge, hl7, translated } from '../../test/gateway';
import { toMessages } from '../intake/submission';
import { decode } from './charset';

const sound = hl7('DFT^P03', {
  ft1: [charge('T1'), charge('T2', { 10: '3', 11: '37.50&CNY', 12: '12.50&CNY' })],
});

/**
 * What is understood of bytes; undefined when they are refused. Anything but a DomainError fails
 * the test.
 */
const understood = (bytes: Buffer): ReturnType<typeof translated> | undefined => {
  try {
    return translated(decode(bytes));
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
};

const sums = (text: string): string[] =>
  text
    .split(/[\r\n]+/)
    .filter((line) => line.startsWith('FT1'))
    .map((line) =>
      [10, 11, 12]
        .map((field) => (line.split('|')[field] ?? '').split('^')[0]!)
        // A vertical tab counts as a blank around the amount and around its currency.
        .map((text) => text.replace(/\s*&\s*/g, '&').trim())
        .map((text) => (text === '""' ? '' : text))
        .join(),
    );

test(
  'whatever is done to a sound message, it is understood or refused, and what is ' +
    'understood adds up as it is written',
  () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            at: fc.nat(sound.length),
            remove: fc.nat(12),
            insert: fc.oneof(
              fc.constantFrom(
                '|',
                '^',
                '~',
                '&',
                '\r',
                '-',
                '.',
                '0',
                '9',
                'CD',
                '""',
                '\u000b',
                '臺',
              ),
              fc.string({ maxLength: 3 }),
            ),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        (edits) => {
          const mutated = edits.reduce(
            (text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove),
            sound,
          );
          const facts = understood(Buffer.from(mutated, 'utf8'))?.facts ?? [];
          const written = sums(mutated);
          facts.forEach((fact, index) => {
            const [quantity = '', amount = '', unit = ''] = written[index]!.split(',');
            const amountFen =
              fact.type === 'ChargePosted'
                ? fact.charge.amountFen
                : fact.type === 'ChargeReturned'
                  ? fact.amountFen
                  : 0;
            // A return may say how many alone; the ledger knows the price.
            if (amountFen === undefined) return expect(amount + unit).toBe('');
            // Without a currency it is that of MSH-17; without one of the prices it follows from the other.
            for (const money of [amount, unit]) expect(money).toMatch(/^$|^[^&]*$|&(CNY)?$/);
            expect(amount + unit).not.toBe('');
            if (amount !== '')
              expect(amountFen).toBe(Math.round(Math.abs(parseFloat(amount)) * 100));
            if (unit !== '' && quantity !== '')
              expect(Math.abs(parseFloat(quantity) * parseFloat(unit) * 100)).toBeCloseTo(
                amountFen,
                -0.31,
              );
          });
        },
      ),
      { numRuns: 2000 },
    ),
);

test('from an amount or a unit price alone comes a charge that the contract holds, for the same sum', () => {
  const decimal = (wholeMax: number, decimalsMax: number) =>
    fc
      .tuple(fc.nat(wholeMax), fc.nat(decimalsMax), fc.nat(10 ** decimalsMax - 1))
      .map(([whole, places, fraction]) =>
        places === 0
          ? String(whole)
          : `${whole}.${String(fraction).padStart(decimalsMax, '0').slice(0, places)}`,
      );
  let understoodCount = 0;
  fc.assert(
    fc.property(
      decimal(999_999_999, 4),
      decimal(999_999_999, 2),
      fc.boolean(),
      (quantity, money, isAmount) => {
        const prices = isAmount ? { 11: money, 12: '' } : { 11: '', 12: money };
        const text = hl7('DFT^P03', { ft1: [charge('T1', { 10: quantity, ...prices })] });
        const found = understood(Buffer.from(text));
        if (!found) return; // A quantity of zero, or a sum beyond any charge.
        understoodCount += 1;
        const { facility, ...submission } = found;
        const [event] = toMessages(
          { ...submission, institutionId: facility },
          {},
          {
            time: new Date('2024-01-15T01:05:00Z'),
          },
        );
        const { charge: made } = event!.value as { charge: Charge };
        if (isAmount) expect(made.amountFen).toBe(parseYuan(money));
        expect(made.amountFen).toBe(extend(made.quantity, made.unitPriceYuan));
      },
    ),
    { numRuns: 2000, examples: [['0.0001', '999999999', true]] },
  );
  expect(understoodCount).toBeGreaterThan(100);
});

test('any bytes at all are understood or refused', () =>
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      (bytes) =>
        void understood(Buffer.concat([Buffer.from(sound.slice(0, 130)), Buffer.from(bytes)])),
    ),
    { numRuns: 500 },
  ));

test('a message cut off anywhere before its charges is refused', () =>
  fc.assert(
    fc.property(fc.nat(sound.indexOf('FT1') - 1), (length) =>
      expect(understood(Buffer.from(sound.slice(0, length), 'utf8'))).toBeUndefined(),
    ),
  ));

test('frames come out the same, however the stream is cut into packets', () =>
  fc.assert(
    fc.property(
      fc.array(
        fc
          .uint8Array({ minLength: 1, maxLength: 40 })
          .map((bytes) => bytes.filter((byte) => byte !== 0x0b && byte !== 0x1c)),
        { maxLength: 6 },
      ),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 60 }),
      (messages, cuts) => {
        const stream = Buffer.concat(
          messages.map((bytes) => Buffer.from([0x0b, ...bytes, 0x1c, 0x0d])),
        );
        const reader = new FrameReader();
        const found: Buffer[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = cuts[turn % cuts.length]!;
          for (const frame of reader.push(stream.subarray(at, at + size))) {
            expect(frame.fault).toBeUndefined();
            found.push(frame.bytes);
          }
          at += size;
        }
        expect(found.map((bytes) => [...bytes])).toEqual(messages.map((bytes) => [...bytes]));
        expect(reader.end()).toEqual([]);
      },
    ),
  ));

test(
  'whatever bytes come, they come out the same in one packet, byte by byte, and ' +
    'cut anywhere, and none but marks and line ends is lost',
  () => {
    const noisy = fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(0x0b, 0x1c, 0x0d, 0x0a) },
        { weight: 4, arbitrary: fc.constantFrom(0x41, 0x4d, 0x7c, 0x00, 0xff) },
      ),
      { maxLength: 60 },
    );
    const framesOf = (stream: Buffer, cuts: readonly number[]): string[] => {
      const reader = new FrameReader();
      const frames = [];
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const size = cuts[turn % cuts.length]!;
        frames.push(...reader.push(stream.subarray(at, at + size)));
        at += size;
      }
      return [...frames, ...reader.end()].map(
        ({ bytes, fault }) => `${bytes.toString('hex')} ${fault ?? 'whole'}`,
      );
    };
    fc.assert(
      fc.property(
        noisy,
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 20 }),
        (bytes, cuts) => {
          const stream = Buffer.from(bytes);
          const whole = framesOf(stream, [stream.length || 1]);
          expect(framesOf(stream, [1])).toEqual(whole);
          expect(framesOf(stream, cuts)).toEqual(whole);
          const text = (all: readonly number[]): number[] =>
            all.filter((byte) => ![0x0b, 0x1c, 0x0d, 0x0a].includes(byte));
          expect(
            text([...Buffer.from(whole.map((frame) => frame.split(' ')[0]).join(''), 'hex')]),
          ).toEqual(text(bytes));
        },
      ),
      { numRuns: 3000 },
    );
  },
);

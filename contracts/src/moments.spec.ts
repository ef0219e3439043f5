import fc from 'fast-check';
import { isDay, isMoment } from './moments';

test.each([
  '2026-02-28T00:00:00Z',
  '2024-02-29T23:59:59.999+08:00',
  '2000-02-29T00:00:00Z',
  '2026-03-02T08:00:00.123456789Z',
  '1900-01-01T00:00:00-12:00',
  '2999-12-31T23:59:59+14:00',
])('%s is a moment', (text) => expect(isMoment(text)).toBe(true));

test.each([
  '2026-13-01T00:00:00Z',
  '2026-00-01T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '2026-02-29T00:00:00Z',
  '1900-02-29T00:00:00Z',
  '2026-04-31T00:00:00Z',
  '2026-01-00T00:00:00Z',
  '2026-01-32T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T25:00:00Z',
  '2026-01-01T00:60:00Z',
  '2026-01-01T23:59:60Z',
  '2026-01-01T00:00:00+99:00',
  '2026-01-01T00:00:00+14:01',
  '2026-01-01T00:00:00+08:60',
  '0000-01-01T00:00:00Z',
  '1899-12-31T00:00:00Z',
  '3000-01-01T00:00:00Z',
  '2026-01-01',
  '2026-01-01T00:00:00',
  '2026-01-01 00:00:00Z',
  '',
  'now',
  '2026-01-01T00:00:00.Z',
  '2026-01-01T00:00:00Z\n',
])('%j is none', (text) => expect(isMoment(text)).toBe(false));

test('every moment of these centuries is one, and is the one that JavaScript reads', () =>
  fc.assert(
    fc.property(
      fc.date({
        min: new Date('1900-01-01T00:00:00Z'),
        max: new Date('2999-12-31T23:59:59.999Z'),
        noInvalidDate: true,
      }),
      (date) => expect(isMoment(date.toISOString())).toBe(true),
    ),
    { numRuns: 1000 },
  ));

test('a day is on the calendar exactly if JavaScript writes it back as it was', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1900, max: 2999 }),
      fc.nat(14),
      fc.nat(33),
      (year, month, day) => {
        const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
        const atMs = Date.parse(`${text}T00:00:00Z`);
        expect(isDay(text)).toBe(
          !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text),
        );
      },
    ),
    { numRuns: 5000 },
  ));

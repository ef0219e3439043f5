import { Type } from '@sinclair/typebox';
import { flawsOf } from './flaws';
import { hospitalVisitEvents } from './hospital';
import { Why } from './http/shapes';
import { BusinessDate, Fen, Id, Instant } from './schemas';

const Line = Type.Object(
  { at: Instant, note: Type.Optional(Type.String()) },
  { additionalProperties: false },
);
const Tab = Type.Object(
  {
    openedAt: Instant,
    day: Type.Optional(BusinessDate),
    revision: Type.Optional(Type.Integer({ minimum: 1 })),
    amountFen: Type.Optional(Fen),
    closedAt: Type.Optional(Type.Union([Instant, Type.Null()])),
    party: Type.Optional(Type.Union([Type.String({ pattern: '^[a-z]+$' }), Id])),
    lines: Type.Optional(Type.Array(Line)),
    more: Type.Optional(Type.Object({})),
    any: Type.Optional(Type.Unknown()),
  },
  { additionalProperties: false },
);

const found = (more: object): string[] =>
  flawsOf(Tab, { openedAt: '2026-03-02T08:00:00Z', ...more }).map(
    ({ code, path }) => `${code} ${path}`,
  );

test('a sound value has none', () =>
  expect(
    found({
      day: '2026-02-28',
      revision: 3,
      amountFen: 100_000_000_000,
      closedAt: null,
      party: '💊',
      lines: [{ at: '2026-03-02T08:00:00Z', note: '\\u0000' }],
      more: { a: [1] },
      any: { b: 'c' },
    }),
  ).toEqual([]));

test.each<[string, object, string]>([
  ['the 30th of February', { openedAt: '2026-02-30T00:00:00Z' }, 'INSTANT_IMPOSSIBLE /openedAt'],
  ['a day that no calendar has', { day: '2026-04-31' }, 'INSTANT_IMPOSSIBLE /day'],
  [
    'an impossible moment in a list',
    { lines: [{ at: '2026-03-02T08:00:00Z' }, { at: '2026-03-02T25:00:00Z' }] },
    'INSTANT_IMPOSSIBLE /lines/1/at',
  ],
  [
    'an impossible moment where there may be none',
    { closedAt: '2026-13-01T00:00:00Z' },
    'INSTANT_IMPOSSIBLE /closedAt',
  ],
  ['a whole number beyond its column', { revision: 2_147_483_648 }, 'NUMBER_TOO_LARGE /revision'],
  [
    'half of a surrogate pair',
    { lines: [{ at: '2026-03-02T08:00:00Z', note: 'a\ud800b' }] },
    'CHARACTER_FORBIDDEN /lines/0/note',
  ],
  ['U+0000', { party: 'a\0' }, 'CHARACTER_FORBIDDEN /party'],
  [
    'U+0000 in a name where anything may stand',
    { more: { deep: [{ 'a\0b': 1 }] } },
    'CHARACTER_FORBIDDEN /more',
  ],
  [
    'half of a pair where nothing is said of the value',
    { any: [['\udc00']] },
    'CHARACTER_FORBIDDEN /any',
  ],
])('%s is one', (_what, more, flaw) => expect(found(more)).toEqual([flaw]));

test('at most five are told', () =>
  expect(
    found({ lines: Array.from({ length: 9 }, () => ({ at: '2026-02-30T00:00:00Z' })) }),
  ).toHaveLength(5));

test('a value that is a hundred thousand levels deep is looked at to its bottom', () => {
  const deep = (bottom: unknown): unknown =>
    Array.from({ length: 100_000 }).reduce((inner) => [inner], bottom);
  expect(found({ any: deep('sound') })).toEqual([]);
  expect(found({ any: deep('\0') })).toEqual(['CHARACTER_FORBIDDEN /any']);
});

test('an ID number in a text that people write is a flaw, and says what to do', () => {
  const { VisitUpdated } = hospitalVisitEvents.events;
  const updated = { department: '郑丽 11010519491231002X', updatedAt: '2026-03-02T08:00:00Z' };
  expect(flawsOf(VisitUpdated, updated)).toMatchObject([
    { code: 'ID_NUMBER_FORBIDDEN', path: '/department', remedy: expect.any(String) },
  ]);
  expect(flawsOf(VisitUpdated, { ...updated, department: '202601150905001234' })).toEqual([]);
  expect(flawsOf(Why, 'called 110105 19491231 002x')).toHaveLength(1);
  expect(flawsOf(Why, 'the visit goes on')).toEqual([]);
});

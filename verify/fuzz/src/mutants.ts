import fc from 'fast-check';

/**
 * Values that break careless code: wrong types, limits of numbers, characters that end texts, names
 * that are none.
 */
const WEIRD: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1.5,
  1e308,
  9007199254740993,
  -2147483649,
  '',
  ' ',
  '0',
  '-0.00',
  '1e3',
  'NaN',
  'null',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\u202e',
  '💊',
  '臺'.repeat(300),
  'x'.repeat(20_000),
  [],
  {},
  [[[[[[]]]]]],
  { toString: 1 },
  '2026-13-45T99:99:99Z',
  '2026-02-29T00:00:00+08:00',
  "'; DROP TABLE visits; --",
  '../../etc/passwd',
  '${jndi}',
  '<script>',
  '__proto__',
  'constructor',
];
const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  '',
  'visitId',
  'personId',
  'amountFen',
  'x'.repeat(300),
  'a\u0000b',
];
const BYTES = [
  '|',
  '^',
  '~',
  '\\',
  '&',
  '\r',
  '\n',
  '\t',
  '-',
  '.',
  '0',
  '9999999999',
  'CD',
  '""',
  'MSH|^~\\&|',
  '\rFT1|',
  '\u0000',
  '\u0080',
  '\u00ff',
  '\ufffd',
  '臺',
  '\\X0D\\',
  '\\.br\\',
];

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const edits = fc.array(
  fc.record({
    at: fc.noBias(fc.integer({ min: 0, max: 999_999 })),
    remove: fc.nat(24),
    insert: fc.oneof(
      fc.constantFrom(...BYTES),
      fc.string({ maxLength: 6, unit: 'grapheme' }),
      fc.constant(''),
    ),
  }),
  { maxLength: 4 },
);

const edited = (text: string, all: readonly Edit[]): string =>
  all.reduce((now, { at, remove, insert }) => {
    const from = Math.floor((at / 1_000_000) * now.length);
    return now.slice(0, from) + insert + now.slice(from + remove);
  }, text);

/** A sound text with up to four cuts and insertions; one in six is left sound. */
export const mutatedText = (samples: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.constantFrom(...samples), edits)
        .map(([sample, all]) => edited(sample, all)),
    },
    { weight: 1, arbitrary: fc.constantFrom(...samples) },
  );

/** Mutated text in bytes of one of the charsets, or bytes that never were a text. */
export const mutatedBytes = (samples: readonly string[]): fc.Arbitrary<Buffer> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(
          mutatedText(samples),
          fc.constantFrom(...Array<'utf8'>(8).fill('utf8'), 'latin1' as const, 'utf16le' as const),
        )
        .map(([text, encoding]) => Buffer.from(text, encoding)),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)) },
  );

/** The text as UTF-8 carries it: half a surrogate pair becomes the replacement character. */
export const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

type Path = readonly (string | number)[];

const pathsOf = (value: unknown, path: Path = []): Path[] => {
  const below = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [path, ...below.flatMap(([name, inner]) => pathsOf(inner, [...path, name]))];
};

interface Change {
  readonly at: number;
  readonly how: 'nudge' | 'replace' | 'remove' | 'add' | 'repeat';
  /** Which of the values that are next to the sound one. */
  readonly next: number;
  readonly weird: unknown;
  readonly name: string;
}

const changes = fc.array(
  fc.record({
    at: fc.noBias(fc.nat()),
    how: fc.constantFrom(
      'nudge',
      'nudge',
      'nudge',
      'nudge',
      'replace',
      'replace',
      'remove',
      'add',
      'repeat',
    ),
    next: fc.nat(),
    weird: fc.constantFrom(...WEIRD),
    name: fc.constantFrom(...NAMES),
  }),
  { maxLength: 3 },
);

const MOMENTS = [
  '2026-02-30T08:00:00Z',
  '2026-13-01T08:00:00Z',
  '2026-03-02T25:00:00Z',
  '2026-03-02T08:00:00+99:00',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59-14:00',
  '2026-03-02T24:00:00Z',
  '2026-03-02T08:00:60Z',
  '1900-01-01T00:00:00Z',
  '2999-12-31T23:59:59.999+14:00',
];
const DAYS = ['2026-02-30', '2026-00-01', '0000-01-01', '9999-12-31', '1900-01-01', '2999-12-31'];
const COUNTS = [
  0,
  1,
  2,
  -1,
  99_999_999_999,
  100_000_000_000,
  100_000_000_001,
  2_147_483_647,
  2_147_483_648,
  Number.MAX_SAFE_INTEGER,
];
const TEXTS = [
  '\ud800',
  'a\udc00',
  'a\u0000',
  '💊',
  ' ',
  '臺'.repeat(40),
  'x'.repeat(120),
  'A',
  '0',
  '\u202e',
  'p-00000000-0000-4000-8000-00000000f022',
  'FZ001-W1',
];

/** A value of the same kind that is at the edge of what its schema takes, or just beyond. */
const nudged = (value: unknown, next: number): unknown => {
  const of = (list: readonly unknown[]): unknown => list[next % list.length];
  if (typeof value === 'number') return of(COUNTS);
  if (typeof value === 'boolean') return !value;
  if (typeof value !== 'string') return value;
  if (/^\d{4}-\d{2}-\d{2}T/.test(value)) return of(MOMENTS);
  return /^\d{4}-\d{2}-\d{2}$/.test(value) ? of(DAYS) : of(TEXTS);
};

const set = (holder: object, name: string | number, value: unknown): void =>
  void Object.defineProperty(holder, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });

const changed = (value: unknown, { at, how, weird, name, next }: Change): unknown => {
  const copy = structuredClone(value);
  const paths = pathsOf(copy);
  const path = paths[at % paths.length]!;
  if (path.length === 0) return how === 'replace' ? weird : copy;
  const holder = path
    .slice(0, -1)
    .reduce((inner, step) => (inner as Record<string | number, unknown>)[step], copy) as Record<
    string | number,
    unknown
  >;
  const last = path.at(-1)!;
  if (how === 'nudge') set(holder, last, nudged(holder[last], next));
  else if (how === 'replace') set(holder, last, weird);
  else if (how === 'remove') delete holder[last];
  else if (how === 'add') set(holder, Array.isArray(holder) ? holder.length : name, weird);
  else if (Array.isArray(holder))
    holder.push(...Array.from({ length: 600 }, () => holder[Number(last)]));
  return copy;
};

/**
 * Sound JSON with up to three fields changed, removed or added; sometimes broken as text as well.
 */
export const mutatedJson = (samples: readonly unknown[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...samples),
      changes,
      fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: edits }),
    )
    .map(([sample, all, text]) => edited(JSON.stringify(all.reduce(changed, sample)) ?? '', text));

/** The same inputs for the same seed, made a thousand at a time. */
export function* inputsOf<Input>(
  arbitrary: fc.Arbitrary<Input>,
  count: number,
  seed: number,
): Generator<Input> {
  for (let made = 0; made < count; made += 1000)
    yield* fc.sample(arbitrary, { seed: seed + made, numRuns: Math.min(1000, count - made) });
}

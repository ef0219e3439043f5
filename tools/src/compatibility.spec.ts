import Ajv from 'ajv/dist/2020';
import * as fc from 'fast-check';
import { breaks, setBreaks } from './compatibility';
import type { JsonSchema } from './json-schemas';

const object = (
  properties: Record<string, JsonSchema>,
  required = Object.keys(properties),
): JsonSchema => ({ type: 'object', additionalProperties: false, properties, required });
const fen: JsonSchema = { type: 'integer', minimum: 0, maximum: 1000 };
const status: JsonSchema = {
  anyOf: [
    { const: 'open', type: 'string' },
    { const: 'closed', type: 'string' },
  ],
};
const before = object({
  visitId: { type: 'string', pattern: '^[A-Z]+$' },
  amountFen: fen,
  status,
  lines: { type: 'array', maxItems: 5, items: object({ chargeId: { type: 'string' } }) },
});
const properties = before['properties'] as Record<string, JsonSchema>;
const changed = (changes: Record<string, JsonSchema>): JsonSchema =>
  object({ ...properties, ...changes });
const without = (field: string): JsonSchema =>
  object(Object.fromEntries(Object.entries(properties).filter(([name]) => name !== field)));

describe('a change that breaks a consumer is found', () => {
  test.each<[string, JsonSchema, string]>([
    ['a field that is gone', without('amountFen'), '/amountFen is gone'],
    [
      'a field that consumers could count on',
      { ...before, required: ['visitId', 'status', 'lines'] },
      '/amountFen is optional now, consumers count on it',
    ],
    [
      'a new field that must be there',
      changed({ reason: { type: 'string' } }),
      '/reason is required now, messages that are already on the topic do not have it',
    ],
    [
      'another type',
      changed({ amountFen: { type: 'string' } }),
      '/amountFen changed its type from "integer" to "string"',
    ],
    [
      'a value an enumeration no longer allows',
      changed({ status: { anyOf: [{ const: 'open', type: 'string' }] } }),
      '/status no longer allows "closed"',
    ],
    [
      'a value an enum no longer allows',
      changed({ status: { enum: ['closed'] } }),
      '/status no longer allows "open"',
    ],
    [
      'another pattern',
      changed({ visitId: { type: 'string', pattern: '^[A-Z]{3}$' } }),
      '/visitId has another pattern',
    ],
    [
      'a pattern where there was none',
      changed({
        lines: {
          type: 'array',
          maxItems: 5,
          items: object({ chargeId: { type: 'string', pattern: '^x' } }),
        },
      }),
      '/lines[]/chargeId has another pattern',
    ],
    [
      'a lower maximum',
      changed({ amountFen: { ...fen, maximum: 999 } }),
      '/amountFen has a lower maximum',
    ],
    [
      'a higher minimum',
      changed({ amountFen: { ...fen, minimum: 1 } }),
      '/amountFen has a higher minimum',
    ],
    [
      'fewer items',
      changed({ lines: { ...properties['lines'], maxItems: 4 } }),
      '/lines has a lower maxItems',
    ],
    [
      'a field gone deep inside',
      changed({ lines: { type: 'array', maxItems: 5, items: object({}) } }),
      '/lines[]/chargeId is gone',
    ],
  ])('%s', (_what, after, sentence) => {
    expect(breaks(before, after)).toEqual([sentence]);
  });

  test('an event that is gone, unless it was never there', () => {
    const old = new Map([['topic/Gone.json', before]]);
    expect(setBreaks(old, new Map())[0]).toMatch(/^topic\/Gone\.json: the event is gone/);
    expect(setBreaks(new Map(), old)).toEqual([]);
  });

  test('an event is told to come back under a new version name', () => {
    const file = 'visit-ledger.visits/VisitClosed.json';
    const [sentence] = setBreaks(
      new Map([[file, { ...before, title: 'VisitClosed' }]]),
      new Map([[file, without('status')]]),
    );
    expect(sentence).toContain('VisitClosed.v2');
    expect(
      setBreaks(
        new Map([[file, before]]),
        new Map([
          [file, before],
          ['visit-ledger.visits/VisitClosed.v2.json', without('status')],
        ]),
      ),
    ).toEqual([]);
  });
});

describe('the direction of an event', () => {
  const changed = (topic: string, after: JsonSchema, earlier = before): readonly string[] => {
    const file = `contracts/generated/schemas/${topic}/Event.json`;
    return setBreaks(new Map([[file, earlier]]), new Map([[file, after]]));
  };
  const fields = before['properties'] as Record<string, JsonSchema>;
  const required = before['required'] as string[];
  const wider = object(
    {
      ...fields,
      status: {
        anyOf: [...(status['anyOf'] as JsonSchema[]), { const: 'paused', type: 'string' }],
      },
    },
    required,
  );
  const further = object({ ...fields, note: { type: 'string' } }, required);

  test('a wider enum breaks those who read what we publish, and nobody who sends to us', () => {
    expect(changed('credit.accounts', wider)[0]).toMatch(/\/status may be "paused" now/);
    expect(changed('hospital.visit-events', wider)).toEqual([]);
  });

  test('a narrower one breaks both', () => {
    expect(changed('credit.accounts', before, wider)).toHaveLength(1);
    expect(changed('hospital.visit-events', before, wider)).toHaveLength(1);
  });

  test('a further optional field breaks nobody', () => {
    expect(changed('credit.accounts', further)).toEqual([]);
    expect(changed('hospital.visit-events', further)).toEqual([]);
  });
});

describe('a change that breaks nobody passes', () => {
  test.each<[string, JsonSchema]>([
    ['nothing changed', before],
    ['a description', { ...before, description: 'said better' }],
    [
      'a new optional field',
      object({ ...properties, reason: { type: 'string' } }, Object.keys(properties)),
    ],
    [
      'a further value of an enumeration',
      changed({ status: { enum: ['open', 'closed', 'settled'] } }),
    ],
    ['a wider limit', changed({ amountFen: { type: 'integer', minimum: -5, maximum: 2000 } })],
    ['a limit that fell', changed({ amountFen: { type: 'integer' } })],
    ['a pattern that fell', changed({ visitId: { type: 'string' } })],
    ['a further alternative', changed({ amountFen: { anyOf: [fen, { type: 'null' }] } })],
  ])('%s', (_what, after) => {
    expect(breaks(before, after)).toEqual([]);
  });
});

/** A small language of schemas, each with values that fit it. */
interface Case {
  readonly schema: JsonSchema;
  readonly value: unknown;
}
const text = fc
  .record({
    minLength: fc.integer({ min: 0, max: 3 }),
    more: fc.integer({ min: 0, max: 4 }),
    letters: fc.string({ minLength: 7, maxLength: 7 }),
  })
  .map(({ minLength, more, letters }): Case => ({
    schema: { type: 'string', minLength, maxLength: minLength + more },
    value: [...letters].slice(0, minLength).join(''),
  }));
const whole = fc
  .record({ minimum: fc.integer({ min: -5, max: 5 }), more: fc.integer({ min: 0, max: 9 }) })
  .map(({ minimum, more }): Case => ({
    schema: { type: 'integer', minimum, maximum: minimum + more },
    value: minimum + Math.floor(more / 2),
  }));
const choice = fc
  .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 })
  .map((values): Case => ({ schema: { enum: values }, value: values[0] }));
const leaf = fc.oneof(text, whole, choice);
const structure = fc
  .dictionary(fc.constantFrom('p', 'q', 'r', 's'), fc.tuple(leaf, fc.boolean(), fc.boolean()), {
    minKeys: 1,
  })
  .map((fields): Case => {
    const entries = Object.entries(fields);
    const schemas = Object.fromEntries(entries.map(([name, [inner]]) => [name, inner.schema]));
    const required = entries.filter(([, [, needed]]) => needed).map(([name]) => name);
    const value = Object.fromEntries(
      entries
        .filter(([, [, needed, present]]) => needed || present)
        .map(([name, [inner]]) => [name, inner.value]),
    );
    return { schema: object(schemas, required), value };
  });

test('whenever nothing is said to break, every message that was valid is valid still', () => {
  const ajv = new Ajv({ strict: false, validateSchema: false });
  const fits = (schema: JsonSchema, value: unknown): boolean => ajv.validate(schema, value);
  let harmless = 0;
  fc.assert(
    fc.property(
      structure,
      structure,
      fc.uniqueArray(fc.constantFrom('p', 'q', 'r', 's')),
      (old, other, replaced) => {
        const oldFields = old.schema['properties'] as Record<string, JsonSchema>;
        const otherFields = other.schema['properties'] as Record<string, JsonSchema>;
        const taken = Object.fromEntries(
          replaced.flatMap((name) => (otherFields[name] ? [[name, otherFields[name]]] : [])),
        );
        const required = (replaced.length % 2 === 0 ? old : other).schema['required'] as string[];
        const fields = { ...oldFields, ...taken };
        const after = object(
          fields,
          required.filter((name) => name in fields),
        );
        fc.pre(fits(old.schema, old.value));
        if (breaks(old.schema, after).length === 0) {
          harmless += 1;
          expect(fits(after, old.value)).toBe(true);
        }
      },
    ),
    { seed: 20260701, numRuns: 200 },
  );
  expect(harmless).toBeGreaterThan(20);
});

import { insurerSettlements } from './adjudication';
import * as contracts from '.';
import { FEN_MAX } from './schemas';
import { MESSAGE_BYTES_MAX, topic } from './topic';
import { topics, topicsFor } from './topics';

const all = topicsFor(['resident-plan', 'employee-plan']);

describe('the topics of the platform', () => {
  test('have each a name of their own, and an insurer one of its own', () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(all.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'insurer.resident-plan.settlements',
        'insurer.employee-plan.settlements',
      ]),
    );
  });

  test('are listed whole: none is declared and forgotten', () => {
    const declared = Object.values(contracts).filter(
      (value) => typeof value === 'object' && 'keyField' in value,
    );
    expect(new Set(topics)).toEqual(new Set(declared));
  });

  test.each(
    all.flatMap((topic) =>
      Object.keys(topic.events).map((event) => [topic.name, event, topic] as const),
    ),
  )('%s: %s carries its key, and nothing but what is declared', (_name, event, topic) => {
    const schema = topic.events[event]!;
    expect(schema.required).toContain(topic.keyField);
    expect(schema.properties[topic.keyField]?.['type']).toBe('string');
    expect(schema.additionalProperties).toBe(false);
  });

  test('carry the settlement of the longest visit with the longest names and largest amounts', () => {
    const fen = FEN_MAX;
    const reasons = [
      'CATEGORY_B_FIRST_SELF_PAY',
      'ABOVE_PRICE_LIMIT',
      'DEDUCTIBLE_NOT_REACHED',
      'FUND_CAP_REACHED',
    ];
    const line = {
      chargeId: 'x'.repeat(40),
      itemCode: 'y'.repeat(40),
      amountFen: fen,
      category: 'C',
      ownExpenseFen: fen,
      overLimitFen: fen,
      firstSelfPayFen: fen,
      inScopeFen: fen,
      payersFen: fen,
      patientFen: fen,
      reasons,
    } as const;
    const { lines } = insurerSettlements('city').events.SettlementPosted.properties;
    const bytes = JSON.stringify(Array.from({ length: lines.maxItems! }, () => line)).length;
    expect(bytes).toBeGreaterThan(1024 * 1024); // More than a broker takes by itself.
    expect(bytes).toBeLessThan(MESSAGE_BYTES_MAX * 0.9);
  });

  test('name who may write to them: none is written by all, and one without an author does not compile', () => {
    for (const { authors } of all) {
      expect(authors.length).toBeGreaterThan(0);
      expect(new Set(authors).size).toBe(authors.length);
    }
    const { authors: _, ...anonymous } = topics[1]!;
    // @ts-expect-error A topic has authors.
    expect(topic(anonymous)).not.toHaveProperty('authors');
    // @ts-expect-error One at least.
    expect(topic({ ...anonymous, authors: [] }).authors).toEqual([]);
  });

  test('have a limit in every direction', () => {
    for (const topic of all) {
      expect(topic.partitions).toBeGreaterThan(0);
      expect(topic.retentionMs).toBeGreaterThan(0);
    }
  });
});

import * as contracts from './index';
import { topics, topicsFor } from './topics';

const all = topicsFor(['resident-plan', 'employee-plan']);

describe('the topics of the platform', () => {
  test('have each a name of their own, and an insurer one of its own', () => {
    expect(new Set(all.map((topic) => topic.name)).size).toBe(all.length);
    expect(all.map((topic) => topic.name)).toEqual(expect.arrayContaining(['insurer.resident-plan.settlements', 'insurer.employee-plan.settlements']));
  });

  test('are listed whole: none is declared and forgotten', () => {
    const declared = Object.values(contracts).filter((value) => typeof value === 'object' && 'keyField' in value);
    expect(new Set(topics)).toEqual(new Set(declared));
  });

  test.each(all.flatMap((topic) => Object.keys(topic.events).map((event) => [topic.name, event, topic] as const)))('%s: %s carries its key, and nothing but what is declared', (_name, event, topic) => {
    const schema = topic.events[event]!;
    expect(schema.required).toContain(topic.keyField);
    expect(schema.properties[topic.keyField]?.['type']).toBe('string');
    expect(schema.additionalProperties).toBe(false);
  });

  test('have a limit in every direction', () => {
    for (const topic of all) {
      expect(topic.partitions).toBeGreaterThan(0);
      expect(topic.retentionMs).toBeGreaterThan(0);
    }
  });
});

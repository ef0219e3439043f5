import { createHash } from 'node:crypto';

/**
 * What became of the inputs of one door. Every input ends in exactly one of the outcomes; a fault
 * is what must never happen.
 */
export class Tally {
  sent = 0;
  /** How often an input was sent once more because the platform asked to come again. */
  repeats = 0;
  readonly outcomes = new Map<string, number>();
  readonly faults: string[] = [];

  constructor(readonly door: string) {}

  count(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  fault(what: string): void {
    this.count('fault');
    const text = `${this.door}: ${what}`;
    if (this.faults.length < 20 && !this.faults.includes(text)) this.faults.push(text);
  }

  /** A sentence that must hold after the door was closed. */
  check(holds: boolean, what: string): void {
    if (!holds) this.faults.push(`${this.door}: ${what}`);
  }

  get accountedFor(): number {
    return [...this.outcomes.values()].reduce((sum, count) => sum + count, 0);
  }
}

/** Inputs are identified, also in the output, by a digest: never by their content. */
export const digestOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 16);
};

/** Works the inputs with so many hands side by side. */
export const sideBySide = async <Input>(
  inputs: Iterable<Input>,
  hands: number,
  work: (input: Input, hand: number) => Promise<void>,
): Promise<void> => {
  const queue = inputs[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: hands }, async (_, hand) => {
      for (let next = queue.next(); !next.done; next = queue.next()) await work(next.value, hand);
    }),
  );
};

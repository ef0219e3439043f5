/**
 * How much a service still has to do, by kind: what "quiet" means, for an operator, a test and the
 * end of a day.
 */
export class Backlog {
  private readonly measures = new Map<string, () => Promise<number>>();

  /** `name` is `<service>.<kind>`, e.g. `payment.collections`. */
  measure(name: string, count: () => Promise<number>): void {
    this.measures.set(name, count);
  }

  /** Counts by kind of one service. */
  async of(service: string): Promise<Record<string, number>> {
    const own = [...this.measures].filter(([name]) => name.startsWith(`${service}.`));
    const counts = await Promise.all(
      own.map(async ([name, count]) => [name.slice(service.length + 1), await count()] as const),
    );
    return Object.fromEntries(counts);
  }
}

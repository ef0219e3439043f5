/** A service is up and part of its work waits for something outside. No personal data. */
export interface Degradation {
  /** What is degraded: `channel unionpay`. */
  readonly what: string;
  /** Why, for an operator. */
  readonly why: string;
  readonly since: Date;
}

/** What services report as degraded in this process; `/health` shows it. */
export class Degradations {
  private readonly reports: {
    readonly service: string;
    readonly current: () => readonly Degradation[];
  }[] = [];

  /** `current` is read at each question; it must not wait for anything. */
  report(service: string, current: () => readonly Degradation[]): void {
    this.reports.push({ service, current });
  }

  /** All that is degraded now, by service. */
  now(): readonly (Degradation & { readonly service: string })[] {
    return this.reports.flatMap(({ service, current }) =>
      current().map((degradation) => ({ service, ...degradation })),
    );
  }
}

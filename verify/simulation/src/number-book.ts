/** A patient number of a hospital: the first of a visit is the one that it is opened with. */
export interface PatientNumber {
  /** Index of the visit whose patient bears it. */
  readonly visit: number;
  readonly name: 'A' | 'B' | 'C';
}

/** As the hospital writes it. */
export const writtenNumber = ({ visit, name }: PatientNumber): string => `N${visit + 1}${name}`;

/**
 * What a hospital knows of its patient numbers, by its own book: which of them it merged, and under
 * which a visit was opened. Without the platform's code.
 */
export class NumberBook {
  /** Numbers of one patient, all of them in one set. */
  private readonly together: Set<string>[] = [];
  private readonly opened = new Set<string>();

  open(number: PatientNumber): void {
    this.opened.add(writtenNumber(number));
  }

  merge(former: PatientNumber, surviving: PatientNumber): void {
    const [one, other] = [this.of(former), this.of(surviving)];
    if (one === other) return;
    for (const number of other) one.add(number);
    this.together.splice(this.together.indexOf(other), 1);
  }

  /** Whether it, or a number that it was merged with in whatever step, has a visit. */
  isKnown(number: PatientNumber): boolean {
    return [...this.of(number)].some((each) => this.opened.has(each));
  }

  areTogether(one: PatientNumber, other: PatientNumber): boolean {
    return this.of(one) === this.of(other);
  }

  private of(number: PatientNumber): Set<string> {
    const written = writtenNumber(number);
    const known = this.together.find((set) => set.has(written));
    if (known) return known;
    const alone = new Set([written]);
    this.together.push(alone);
    return alone;
  }
}

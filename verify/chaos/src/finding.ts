/** One promise of the platform, and whether it was kept. */
export interface Finding {
  /** In words. */
  readonly promise: string;
  readonly holds: boolean;
  /** Things that were looked at; a promise about nothing does not hold. */
  readonly checked: number;
  /** The first breaches, or what is worth knowing. */
  readonly details: string;
}

const SHOWN_MAX = 5;

/** Gathers what one promise is held against. */
export class Check {
  private checked = 0;
  private breaches = 0;
  private readonly shown: string[] = [];
  private readonly notes: string[] = [];

  /** `mayBeEmpty`: the load need not have had any of it. */
  constructor(
    private readonly promise: string,
    private readonly mayBeEmpty = false,
  ) {}

  /** One thing that was looked at. `what` is asked for only when it is not as promised. */
  must(holds: boolean, what: () => unknown): void {
    this.checked += 1;
    if (holds) return;
    this.breaches += 1;
    if (this.shown.length < SHOWN_MAX) this.shown.push(JSON.stringify(what()));
  }

  /** Something worth knowing that breaks no promise. */
  note(text: string): void {
    this.notes.push(text);
  }

  finding(): Finding {
    const isEmpty = this.checked === 0 && !this.mayBeEmpty;
    const told =
      this.breaches > 0
        ? [`${this.breaches} breaches, e.g. ${this.shown.join(' ')}`]
        : isEmpty
          ? ['there was nothing to look at']
          : [];
    return {
      promise: this.promise,
      holds: this.breaches === 0 && !isEmpty,
      checked: this.checked,
      details: [...told, ...this.notes].join('; '),
    };
  }
}

import type { MergePlan } from './merge-plan';
import type { StandingBook, Turn } from './standing-book';

/** That two registrations are one human being, by what two persons asked for and were answered. */
export class MergeBook {
  /** Visits that were opened under the survivor's id by the other's card. */
  readonly readAsSurvivor = new Set<string>();
  private made: { readonly mergeId: string; readonly turn: Turn } | undefined;
  private undone: Turn | undefined;

  constructor(
    private readonly standing: StandingBook,
    private readonly people: { readonly personIds: readonly string[] },
    readonly plan: MergePlan | undefined,
  ) {}

  get survivorId(): string | undefined {
    return this.plan && this.people.personIds[this.plan.survivor];
  }

  get mergedId(): string | undefined {
    return this.plan && this.people.personIds[this.plan.merged];
  }

  /** Under which the merge is taken back; undefined: there was none. */
  get mergeId(): string | undefined {
    return this.made?.mergeId || undefined;
  }

  asked(): (mergeId: string) => void {
    const turn = this.standing.begin();
    this.made = { mergeId: '', turn };
    return (mergeId) => {
      turn.isDone = true;
      this.made = { mergeId, turn };
    };
  }

  takesBack(): Turn {
    this.undone = this.standing.begin();
    return this.undone;
  }

  /** Every service goes by it that they are one. */
  get areOne(): boolean {
    return this.made?.turn.known !== undefined && this.undone === undefined;
  }

  /** Whether every service goes by it that they are two, or by it that they are one. */
  get isDecided(): boolean {
    const last = this.undone ?? this.made?.turn;
    return last === undefined || last.known !== undefined;
  }

  /** Whether some service may take them for one at a message. */
  mayBeOne(at: number): boolean {
    const { made, undone } = this;
    return (
      made !== undefined && at >= made.turn.asked.sent && !((undone?.known?.sent ?? Infinity) < at)
    );
  }

  /** Whether every service takes them for one at a message. */
  wereOne(at: number): boolean {
    const { made, undone } = this;
    const known = made?.turn.known?.sent ?? Infinity;
    return at >= known && at < (undone?.asked.sent ?? Infinity);
  }

  /** On whose line a person's visits are now. */
  lineOf(personId: string): string {
    return this.areOne && personId === this.mergedId ? this.survivorId! : personId;
  }

  isOfTwo(personId: string): boolean {
    return personId === this.survivorId || personId === this.mergedId;
  }
}

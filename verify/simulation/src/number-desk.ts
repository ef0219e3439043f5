import type { Reply } from './controller-door';
import { unforeseen } from './hl7-feed';
import type { HospitalDoors } from './hospital-doors';
import type { Machine } from './machine';
import { NumberBook, type PatientNumber } from './number-book';
import type { VisitPlan } from './plan';
import type { PlannedAction, PlannedMerge } from './visit-script';

/** Who was erased, and where an answer that the book does not explain is kept. */
interface People {
  readonly forgotten: ReadonlySet<number>;
  readonly mistaken: PlannedAction[];
  readonly refused: { readonly what: string; readonly reply: Reply }[];
}

/** How long the slip of merging two patients waits until both are known: two visits may be at once. */
const WAIT_MS = 400;
const WAITS_MAX = 15;

/**
 * Where a hospital merges its patient numbers (A40), and keeps its book of them. It sends a merge of
 * two patients' numbers only where it knows that the platform can know better.
 */
export class NumberDesk {
  readonly counts = { merged: 0, refused: 0, charged: 0 };
  private readonly book = new NumberBook();

  constructor(
    private readonly visits: readonly VisitPlan[],
    private readonly doors: Pick<HospitalDoors, 'merge'>,
    private readonly people: People,
  ) {}

  /**
   * A report of a visit was taken. A visit that is cancelled says nothing of whose the number is
   * that it was opened by.
   */
  taken({ actions }: VisitPlan, { kind, person }: PlannedAction): void {
    if (person?.isAlone) this.counts.charged += 1;
    const isCancelled = actions.some((action) => action.kind === 'cancel');
    if (kind === 'start' && person?.number && !isCancelled) this.book.open(person.number);
  }

  /** Whether a charge by a number alone can be sent now, and its answer is known before. */
  canCharge(visit: VisitPlan, { person }: PlannedAction): boolean {
    if (!person?.isAlone || !person.number) return true;
    if (this.isForgotten(visit.index) || this.isForgotten(person.number.visit)) return false;
    const isOwn = this.citizenOf(person.number) === visit.citizen;
    return !isOwn || this.book.areTogether(person.number, { visit: visit.index, name: 'A' });
  }

  /** Sends a merge until it is answered, and lays the answer beside the book. */
  async merge(visit: VisitPlan, action: PlannedMerge, client: Machine): Promise<void> {
    const { former, surviving } = action;
    const isRight = this.citizenOf(former) === this.citizenOf(surviving);
    const areKnown = (): boolean => this.book.isKnown(former) && this.book.isKnown(surviving);
    for (let waits = 0; !isRight && !areKnown() && waits < WAITS_MAX; waits += 1)
      await client.sleep(WAIT_MS);
    const isGone = (): boolean =>
      this.isForgotten(former.visit) || this.isForgotten(surviving.visit);
    if (isGone() || (!isRight && !areKnown())) return;
    const answer = await this.doors.merge(visit, action, client);
    if (isGone()) return;
    const isTold = answer.errors.some(({ code }) => code === 'PERSON_DIFFERS');
    if (answer.code === 'AA' && isRight) {
      this.book.merge(former, surviving);
      this.counts.merged += 1;
    } else if (answer.code === 'AA') this.people.mistaken.push(action);
    else if (!isRight && isTold) this.counts.refused += 1;
    else this.people.refused.push(unforeseen(visit, action, answer));
  }

  /** Undefined of a visit that a shorter history leaves out. */
  private citizenOf({ visit }: Pick<PatientNumber, 'visit'>): number | undefined {
    return this.visits.find(({ index }) => index === visit)?.citizen;
  }

  /** What is not there counts as forgotten: nothing is known of its number. */
  private isForgotten(visit: number): boolean {
    const citizen = this.citizenOf({ visit });
    return citizen === undefined || this.people.forgotten.has(citizen);
  }
}

import type { Plan } from './plan';
import type { SimulatedPlatform } from './simulated-platform';

/** A moment of the run: its time, and what had been sent and had arrived by then. */
export interface Moment {
  readonly ms: number;
  /** Messages on the bus. */
  readonly sent: number;
  /** Notices that had arrived. */
  readonly delivered: number;
}

/** A change that someone asked for. Between `asked` and `known` it may count, or not yet. */
export interface Turn {
  readonly asked: Moment;
  /** It was answered. */
  isDone: boolean;
  /** The platform was at rest since its answer: every service goes by it. */
  known: Moment | undefined;
}

export interface Death {
  readonly personId: string;
  readonly died: Turn;
  back: Turn | undefined;
}

export interface Guardian {
  readonly childId: string;
  readonly guardianId: string;
  readonly from: Turn;
  to: Turn | undefined;
}

export interface Revoked {
  readonly personId: string;
  readonly purpose: string;
  readonly turn: Turn;
}

/** What was decided on a report's objection, and when it was answered. */
export interface Objection {
  readonly visitId: string;
  readonly objectedMs: number;
  decided: { readonly outcome: 'stands' | 'upheld'; readonly ms: number } | undefined;
}

export interface ApprovedPolicy {
  readonly lineFen: number;
  /** Its first day. */
  readonly from: string;
  /** From here on every process goes by it. */
  inForce: Moment | undefined;
}

/** Who stands how, by what was asked and answered, without the services' rows. */
export class StandingBook {
  readonly deaths: Death[] = [];
  readonly guardians: Guardian[] = [];
  readonly revoked: Revoked[] = [];
  readonly objections: Objection[] = [];
  /** What was written off, in fen, by visit; what was paid since is counted by the ledger. */
  readonly writtenOff = new Map<string, { readonly amountFen: number; readonly ms: number }>();
  /** The line policy that was approved. */
  policy: ApprovedPolicy | undefined;
  /** When the days of arrears were looked at last: what is due by then is done. */
  lookedMs = 0;
  private readonly turns: Turn[] = [];

  constructor(
    private readonly world: SimulatedPlatform,
    private readonly plan: Plan,
    private readonly people: {
      readonly personIds: readonly string[];
      /** Whose data is being destroyed, by index. */
      readonly forgotten: ReadonlySet<number>;
    },
  ) {}

  now(): Moment {
    const { scheduler, sent, delivered } = this.world;
    return { ms: scheduler.nowMs, sent: sent.length, delivered: delivered.length };
  }

  begin(): Turn {
    const turn: Turn = { asked: this.now(), isDone: false, known: undefined };
    this.turns.push(turn);
    return turn;
  }

  /** The platform is at rest: what was answered by now, all go by. */
  atRest(): void {
    for (const turn of this.turns) if (turn.isDone) turn.known ??= this.now();
  }

  /** Whether some service may take the person for dead at this message, or now. */
  mayBeDead(personId: string, at = this.world.sent.length): boolean {
    return this.deaths.some(
      ({ personId: who, died, back }) =>
        who === personId && at >= died.asked.sent && !(back?.known && at > back.known.sent),
    );
  }

  /** Whether every service goes by it that the person is alive. */
  isAlive(personId: string): boolean {
    return this.deaths.every((one) => one.personId !== personId || one.back?.known !== undefined);
  }

  /** Whether the person may have no account that is debited. */
  mayHaveNoAccount(personId: string): boolean {
    const { personIds, forgotten } = this.people;
    const citizen = personIds.indexOf(personId);
    return (
      this.plan.citizens[citizen]?.token === undefined ||
      this.plan.restores === 'payment' ||
      forgotten.has(citizen) ||
      this.revoked.some((one) => one.personId === personId)
    );
  }

  /** Guardians are registered before anything else. */
  registered(): void {
    const from: Turn = { asked: this.now(), isDone: true, known: this.now() };
    for (const [index, { guardian }] of this.plan.citizens.entries())
      if (guardian !== undefined) {
        const { personIds } = this.people;
        const [childId, guardianId] = [personIds[index]!, personIds[guardian]!];
        this.guardians.push({ childId, guardianId, from, to: undefined });
      }
  }

  /** The child's guardian now, by the last word. */
  guardianOf(childId: string): Guardian | undefined {
    return this.guardians.findLast((one) => one.childId === childId && one.to === undefined);
  }

  /** Whether a child is on the person's line. */
  hasWards(personId: string): boolean {
    return this.guardians.some((one) => one.guardianId === personId && one.to === undefined);
  }

  /** Who may be taken for the child's guardian at a message. */
  guardiansAt(childId: string, at: number): readonly string[] {
    return this.guardians
      .filter(
        ({ childId: child, from, to }) =>
          child === childId && at >= from.asked.sent && !(to?.known && at > to.known.sent),
      )
      .map(({ guardianId }) => guardianId);
  }

  /** The child's guardian is another one from this turn on; none, where none is named. */
  changes(childId: string, guardianId: string | undefined, turn: Turn): void {
    const present = this.guardianOf(childId);
    if (present) present.to = turn;
    if (guardianId) this.guardians.push({ childId, guardianId, from: turn, to: undefined });
  }
}

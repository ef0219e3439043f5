import {
  businessDateOf,
  type ContractEvent,
  type Entitlement,
  type hospitalVisitEvents,
  withheldBy,
  type WithheldReason,
} from '@caretab/contracts';
import type { Clock } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { type Claimed, retryDelayMs, WorkQueue } from '@caretab/work-queue';
import { Coverages, hasBasic, type Opening } from '../claim/coverages';
import type { Centre, CentreAnswer } from './centre';
import type { EntitlementPolicy } from './entitlement-policy';
import { type EntitlementRow, entitlementTable } from './entitlement.table';

type VisitStarted = ContractEvent<typeof hospitalVisitEvents, 'VisitStarted'>;
type Item = EntitlementRow & { readonly opening: NonNullable<EntitlementRow['opening']> };

/** `membership`: what a basic plan pays goes by the membership alone. */
export type Standing = 'awaited' | 'membership' | WithheldReason;

export interface EntitlementsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: EntitlementPolicy;
  /** Absent: hospitals forward what the centre answered, and no one else asks it. */
  readonly centre: Centre | undefined;
  /** Of each visit: what was said of it, or how a question ended. */
  readonly count: (outcome: string) => void;
}

const LANES = 4;
/** Longer than one question may take. */
const LEASE_MS = 30_000;
/** What a hospital forwards comes with the opening, by another topic than the ledger's. */
const FORWARDED_MS = 1_000;
const DELAYS_MS = [2_000, 10_000, 30_000, 60_000];

/** Who is entitled at each visit, by what the centre answers. The first answer counts. */
export class Entitlements {
  private readonly queue: WorkQueue<EntitlementRow, Item, CentreAnswer>;
  private readonly coverages: Coverages;

  constructor(private readonly parts: EntitlementsParts) {
    const { store, clock } = parts;
    this.coverages = new Coverages(clock);
    this.queue = new WorkQueue<EntitlementRow, Item, CentreAnswer>({
      ...{ store, clock, table: entitlementTable, key: 'visitId' },
      ...{ lanes: LANES, leaseMs: LEASE_MS },
      plans: [{ where: {}, waitMaxMs: Math.max(...DELAYS_MS) }],
      begin: (transaction, rows, now) =>
        Promise.all(rows.map((row) => this.begin(transaction, row, now))),
      work: async (item) => {
        await this.queue.record(item, await this.ask(item));
      },
      record: (transaction, row, answer) => this.record(transaction, row, answer),
    });
  }

  /** Asks what is due; returns how many it looked at. */
  runOnce(): Promise<number> {
    return this.queue.runOnce();
  }

  countDue(aheadMs: number): Promise<number> {
    return this.queue.countDue(aheadMs);
  }

  /** What a hospital forwards with its opening. */
  async note({ data }: VisitStarted, transaction: Transaction): Promise<void> {
    const { visitId, personId, institutionId, startedAt, entitlement } = data;
    if (!entitlement) return;
    const whose = { visitId, personId, institutionId, careDate: businessDateOf(startedAt) };
    const rows = transaction.rows(entitlementTable);
    const answered = { answer: entitlement, saidBy: 'hospital' as const };
    if (await rows.insertIfAbsent({ ...this.fresh(whose), ...answered }))
      return this.parts.count('forwarded');
    const known = await rows.get({ visitId }, { lock: 'wait' });
    if (!known || known.personId !== personId) return;
    await this.take(transaction, known, answered);
  }

  /** How a visit that is opened stands; one that is awaited is determined later. */
  async standing(transaction: Transaction, opening: Opening): Promise<Standing> {
    const { visitId, personId, institutionId, visitClass, startedAt, causedBy } = opening;
    const whose = { visitId, personId, institutionId, careDate: businessDateOf(startedAt) };
    // Of who has no basic plan nothing is asked.
    if (!(await hasBasic(transaction, whose))) return 'membership';
    const { id: eventId, traceparent } = causedBy;
    const rows = transaction.rows(entitlementTable);
    const awaited: EntitlementRow = {
      ...this.fresh(whose),
      opening: {
        visitClass,
        startedAt,
        eventId,
        ...(traceparent !== undefined && { traceparent }),
      },
      nextAttemptAt: new Date(this.parts.clock.now().getTime() + FORWARDED_MS),
    };
    if (await rows.insertIfAbsent(awaited)) return 'awaited';
    const known = await rows.get({ visitId }, { lock: 'wait' });
    if (!known?.answer) return known?.opening ? 'awaited' : this.unanswered();
    // What was said of another person says nothing of this one.
    if (known.personId !== personId) return this.unanswered();
    return withheldBy(known.answer, whose.careDate) ?? 'membership';
  }

  /** An awaited visit goes on without an answer, as the policy says. */
  async giveUp(transaction: Transaction, visitId: string): Promise<void> {
    const rows = transaction.rows(entitlementTable);
    const row = await rows.get({ visitId }, { lock: 'wait' });
    if (row?.opening) await this.determine(transaction, { ...row, opening: row.opening });
  }

  /** What is known of a person on a day: the last answer. */
  async answerOn(
    transaction: Transaction,
    personId: string,
    careDate: string,
  ): Promise<Entitlement | undefined> {
    const rows = await transaction
      .rows(entitlementTable)
      .find({ personId, careDate }, { orderBy: 'awaitedSince', descending: true, countMax: 20 });
    return rows.find(({ answer }) => answer !== null)?.answer ?? undefined;
  }

  private fresh(
    whose: Pick<EntitlementRow, 'visitId' | 'personId' | 'institutionId' | 'careDate'>,
  ): EntitlementRow {
    return {
      ...{ ...whose, answer: null, saidBy: null, opening: null, outcome: null },
      ...{ awaitedSince: this.parts.clock.now(), attempts: 0, nextAttemptAt: null, lease: 0 },
    };
  }

  private unanswered(): Standing {
    return this.parts.policy.unanswered === 'membership' ? 'membership' : 'ENTITLEMENT_UNANSWERED';
  }

  private async begin(
    transaction: Transaction,
    row: EntitlementRow,
    now: Date,
  ): Promise<Claimed<EntitlementRow, Item>> {
    const { opening } = row;
    if (!opening) return { row: { ...row, nextAttemptAt: null } };
    const item = { ...row, opening };
    if (now.getTime() - row.awaitedSince.getTime() < this.parts.policy.waitMs) return { row, item };
    this.parts.count('gave-up');
    return { row: await this.determine(transaction, item) };
  }

  private async ask({ opening, ...row }: Item): Promise<CentreAnswer> {
    const { visitId, personId, institutionId, careDate } = row;
    const question = { visitId, personId, institutionId, careDate };
    const { visitClass } = opening;
    return (await this.parts.centre?.ask({ ...question, visitClass })) ?? { status: 'unset' };
  }

  private async record(
    transaction: Transaction,
    row: EntitlementRow,
    answer: CentreAnswer,
  ): Promise<void> {
    if (answer.status === 'answered') {
      const { entitlement } = answer;
      return this.take(transaction, row, { answer: entitlement, saidBy: 'centre' });
    }
    const outcome = answer.status === 'contradiction' ? answer.reason : answer.status;
    this.parts.count(outcome);
    const delayMs = retryDelayMs(DELAYS_MS, row.attempts, row.visitId);
    const untilMs = row.awaitedSince.getTime() + this.parts.policy.waitMs;
    const dueMs = Math.min(this.parts.clock.now().getTime() + delayMs, untilMs);
    await transaction.rows(entitlementTable).save({
      ...{ ...row, outcome, attempts: row.attempts + 1 },
      nextAttemptAt: row.opening && new Date(dueMs),
    });
  }

  /** The first answer counts; what waited for it is determined. */
  private async take(
    transaction: Transaction,
    row: EntitlementRow,
    answered: Pick<EntitlementRow, 'answer' | 'saidBy'>,
  ): Promise<void> {
    if (row.answer) return;
    this.parts.count(answered.saidBy === 'hospital' ? 'forwarded' : 'answered');
    const said = { ...row, ...answered, outcome: null };
    if (row.opening) await this.determine(transaction, { ...said, opening: row.opening });
    else await transaction.rows(entitlementTable).save(said);
  }

  /** Gives the row as it then stands, and saves it. */
  private async determine(transaction: Transaction, row: Item): Promise<EntitlementRow> {
    const { visitId, personId, institutionId, careDate, opening, answer } = row;
    const { visitClass, startedAt, eventId, traceparent } = opening;
    const causedBy = { id: eventId, traceparent };
    const standing = answer ? (withheldBy(answer, careDate) ?? 'membership') : this.unanswered();
    await this.coverages.determine(
      transaction,
      { visitId, personId, institutionId, visitClass, startedAt, causedBy },
      standing === 'membership' || standing === 'awaited' ? undefined : standing,
    );
    const next: EntitlementRow = { ...row, opening: null, nextAttemptAt: null };
    await transaction.rows(entitlementTable).save(next);
    return next;
  }
}

import { careMomentOf, type CareTimeTolerances, type HolderFinding } from '@caretab/contracts';
import { idsOf } from '@caretab/bus';
import { DomainError, type Groupable, GroupCommit, type Outcome } from '@caretab/kernel';
import {
  type OutgoingMessage,
  type Store,
  type Transaction,
  UniqueViolation,
} from '@caretab/store';
import { overloaded } from '../admission/admission';
import { overVisitTable } from '../fate/over-visits';
import { destroyedTable, isDestroyed } from '../quarantine/identifier-index.table';
import { replaying } from '../quarantine/replayed';
import { acceptedBefore, keysOf } from './accepted-before';
import { checkCareTimes } from './care-times';
import { differing, type Noted, noteHolder } from './holder';
import { type EventRow, eventTable, type IntakeRow, intakeTable, UNDECIDED } from './intake.table';
import { isOpening, NO_NUMBERS, OF_UNIDENTIFIED, type OpenedVisits } from './opened-visits';
import { checkPerson, type ReportsBefore } from './person-of-visit';
import { firstAnswer, type Receipt } from './receipt';
import { checkReturns, tabPartOf } from './returns';
import { sourceMessageId, type Submission } from './submission';
import { checkStanding, isOfTab } from './visit-standing';

/** A message that was understood, whose it is, and what it becomes; its lane is its visit. */
export interface Incoming extends Groupable {
  readonly submission: Submission;
  readonly row: IntakeRow;
  /** Its events, with the trace of its own request, of the person whose visit it is. */
  readonly messagesWith: (noted: Noted, personId: string | null) => readonly OutgoingMessage[];
  readonly differs: readonly HolderFinding[];
  readonly isTest: boolean;
  /** The quarantined message that it corrects. */
  readonly replayOf: string | undefined;
}

export interface TakingParts {
  readonly store: Store;
  readonly careTimes: CareTimeTolerances;
  /** When a batch starts; at the end of the turn by default. */
  readonly later?: ((run: () => void) => void) | undefined;
}

const LIMITS = {
  batchEventsMax: 500,
  batchBytesMax: 2_000_000,
  inFlightMax: 2,
  queueMax: 1_000,
};
const RETRY_AFTER_S = 1;

/**
 * Takes messages in: those that come at once share one transaction, and one that comes alone waits
 * for no other. Of one visit there is one at a time, in the order of their coming. What is refused
 * by name wrote nothing, and undoes none of the others; any other failure is the batch's, whose
 * messages are then tried alone.
 */
export class Taking {
  private readonly group: GroupCommit<Incoming, Receipt>;

  constructor(
    private readonly parts: TakingParts,
    private readonly visits: OpenedVisits,
  ) {
    this.group = new GroupCommit(
      LIMITS,
      (batch) => this.outcomesOf(batch),
      () => overloaded('too many submissions wait to be stored', RETRY_AFTER_S),
      parts.later,
    );
  }

  /**
   * Resolves when all of it is durable. Throws DomainError as `acceptedBefore`, `replaying` and the
   * checks of `judge` do, OVERLOADED (overloaded), and what the store throws.
   */
  take(incoming: Incoming): Promise<Receipt> {
    return this.group.add(incoming);
  }

  private async outcomesOf(batch: readonly Incoming[]): Promise<readonly Outcome<Receipt>[]> {
    try {
      return await this.together(batch);
    } catch (error) {
      if (batch.length === 1) return [{ error }];
    }
    return Promise.all(
      batch.map((one) =>
        this.together([one]).then(
          ([outcome]) => outcome!,
          (error: unknown) => ({ error }),
        ),
      ),
    );
  }

  /** Another process may take the same message in meanwhile: then it is there the second time. */
  private together(batch: readonly Incoming[]): Promise<readonly Outcome<Receipt>[]> {
    const attempt = () => this.parts.store.transact((transaction) => this.all(transaction, batch));
    return attempt().catch((error) => {
      if (error instanceof UniqueViolation) return attempt();
      throw error;
    });
  }

  private async all(
    transaction: Transaction,
    batch: readonly Incoming[],
  ): Promise<readonly Outcome<Receipt>[]> {
    const known = await gathered(transaction, batch);
    const outcomes: Outcome<Receipt>[] = [];
    for (const incoming of batch)
      outcomes.push(await this.outcome(transaction, incoming, known.get(incoming.lane)!));
    return outcomes;
  }

  private async outcome(
    transaction: Transaction,
    named: Incoming,
    visit: KnownVisit,
  ): Promise<Outcome<Receipt>> {
    const incoming = await ofVisit(transaction, named, visit);
    const { submission, row, replayOf } = incoming;
    let known: IntakeRow | undefined;
    let close: (() => Promise<void>) | undefined;
    try {
      known = await acceptedBefore(transaction, submission, row.contentHash);
      if (!known) await this.judge(transaction, incoming, visit);
      if (replayOf !== undefined) close = await replaying(transaction, replayOf, row.receivedAt);
    } catch (error) {
      if (error instanceof DomainError) return { error };
      throw error;
    }
    await close?.();
    return {
      answer: await (known ? firstAnswer(transaction, known) : this.record(transaction, incoming)),
    };
  }

  /** Writes nothing. */
  private async judge(
    transaction: Transaction,
    { submission, row: { visitId, personId, receivedAt: now } }: Incoming,
    { start, unidentified, before }: KnownVisit,
  ): Promise<void> {
    const { careTimes: tolerances } = this.parts;
    const visitStartedAt = (start ?? unidentified)?.happenedAt ?? undefined;
    checkCareTimes(submission, { now, tolerances, visitStartedAt });
    if (personId) checkPerson({ submission, personId, start, before });
    await checkStanding(submission, { transaction, visitId, start, unidentified, now });
    await checkReturns(transaction, submission, tolerances);
  }

  private async record(
    transaction: Transaction,
    { submission, row, messagesWith, differs, isTest }: Incoming,
  ): Promise<Receipt> {
    const { visitId, personId, events, door, institutionId, receivedAt } = row;
    if (isTest) return { visitId, ...differing(differs), events, repeated: false, test: true };
    const isForgotten = personId !== null && (await isDestroyed(transaction, personId));
    await transaction
      .rows(intakeTable)
      .insert(isForgotten ? { ...row, sealed: null, forgotten: true } : row);
    await transaction.rows(eventTable).insert(
      ...events.map(({ id, type }, index) => ({
        id,
        type,
        door,
        visitId,
        personId,
        ...(isForgotten ? NO_NUMBERS : this.visits.numbersOf(submission)),
        happenedAt: careMomentOf(type, submission.facts[index]!),
        ...tabPartOf(submission.facts[index]!),
        acceptedAt: receivedAt,
        institutionId,
        sourceMessageId: sourceMessageId(submission),
        ...UNDECIDED,
      })),
    );
    const noted = await noteHolder(transaction, submission, { differs, at: receivedAt });
    transaction.publish(...messagesWith(noted, personId));
    return { visitId, ...noted, events, repeated: false };
  }
}

/**
 * A visit stays under the id that it was opened with: what a hospital sends of it names the same human
 * being by another id once two persons are merged.
 */
const ofVisit = async (
  transaction: Transaction,
  incoming: Incoming,
  { start }: KnownVisit,
): Promise<Incoming> => {
  const { personId } = incoming.row;
  const begunWith = start?.personId ?? null;
  if (personId === null || begunWith === null || personId === begunWith) return incoming;
  if (!(await idsOf(transaction, personId)).includes(begunWith)) return incoming;
  return { ...incoming, row: { ...incoming.row, personId: begunWith } };
};

/** What was accepted of a visit before. */
interface KnownVisit {
  readonly start: EventRow | undefined;
  /** Its opening for a patient whom no one knew. */
  readonly unidentified: EventRow | undefined;
  readonly before: ReportsBefore;
}

/** Reads what the messages of a batch will ask for, each table once; gives their visits by id. */
const gathered = async (
  transaction: Transaction,
  batch: readonly Incoming[],
): Promise<ReadonlyMap<string, KnownVisit>> => {
  const idsOf = (some: readonly Incoming[]): string[] => some.map(({ lane }) => lane);
  await transaction
    .rows(intakeTable)
    .lockAll(batch.flatMap(({ submission }) => keysOf(submission)));
  const persons = batch.flatMap(({ row: { personId } }) => (personId === null ? [] : [personId]));
  await transaction.rows(destroyedTable).gather('blindIndex', persons);
  const ofStay = batch.filter(({ submission }) => !submission.facts.every(isOfTab));
  await transaction.rows(overVisitTable).gather('visitId', idsOf(ofStay));
  const events = transaction.rows(eventTable);
  const started = await events.find(
    { visitId: { in: idsOf(batch) }, type: { in: ['VisitStarted', OF_UNIDENTIFIED] } },
    { orderBy: 'acceptedAt' },
  );
  const firstOf = (type: string): ReadonlyMap<string, EventRow> =>
    new Map(
      started
        .filter((start) => start.type === type)
        .reverse()
        .map((start) => [start.visitId, start]),
    );
  const [starts, unidentified] = [firstOf('VisitStarted'), firstOf(OF_UNIDENTIFIED)];
  const opened = idsOf(
    batch.filter(({ lane, submission }) => isOpening(submission) && !starts.has(lane)),
  );
  const reports =
    opened.length === 0
      ? []
      : await events.group({ visitId: { in: opened } }, { by: ['visitId', 'personId', 'type'] });
  return new Map(
    idsOf(batch).map((visitId) => [
      visitId,
      {
        start: starts.get(visitId),
        unidentified: unidentified.get(visitId),
        before: reports.filter(({ values }) => values.visitId === visitId),
      },
    ]),
  );
};

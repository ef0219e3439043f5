import {
  careMomentOf,
  type CareTimeTolerances,
  type HolderFinding,
  visitIdOf,
} from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { acceptedBefore, earlier, earlierUnnamed } from './accepted-before';
import { checkCareTimes } from './care-times';
import { isDestroyed } from '../quarantine/identifier-index.table';
import { type QuarantineRow, quarantineTable } from '../quarantine/quarantine.table';
import type { Envelope } from './envelope';
import {
  type AcceptedEvent,
  eventTable,
  type IntakeRow,
  intakeTable,
  UNDECIDED,
} from './intake.table';
import { NO_NUMBERS, OpenedVisits } from './opened-visits';
import { differing, type Holding, holderNoted, type Noted, noteHolder, whoseOf } from './holder';
import { type MergeReceipt, Merges } from './merges';
import type { Partners } from './partners';
import { checkPerson } from './person-of-visit';
import { checkReturns, tabPartOf } from './returns';
import { checkStanding } from './visit-standing';
import {
  type Door,
  type MessageKey,
  type MergeSubmission,
  contentOf,
  sourceMessageId,
  type Submission,
  toMessages,
} from './submission';

/** The answer to an accepted message; a repetition gets the first one again. */
export interface Receipt extends Noted {
  readonly visitId: string;
  readonly events: readonly AcceptedEvent[];
  readonly repeated: boolean;
  /** It was judged and applied to nothing. */
  readonly test?: true;
}

export interface IntakeParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly partners: Partners;
  readonly envelope: Envelope;
  readonly careTimes: CareTimeTolerances;
  /** The W3C trace that is active now. */
  readonly traceparent: () => string | undefined;
  /** Called with the visit of the message, as soon as it is known. */
  readonly visitKnown?: (visitId: string) => void;
  /** Called for each new case of a holder who is not as registered. */
  readonly holderDiffers?: (door: Door, fields: readonly HolderFinding[]) => void;
}

/** What is sealed is bound to the message it belongs to. */
export const intakeContext = (row: MessageKey): string => `intake ${sourceMessageId(row)}`;

/**
 * The one way in, whichever door a message came through: its row and its events are durable when
 * `accept` resolves, or nothing is.
 */
export class Intake {
  private readonly visits: OpenedVisits;
  private readonly merges: Merges;

  constructor(private readonly parts: IntakeParts) {
    this.visits = new OpenedVisits(parts);
    this.merges = new Merges(parts);
  }

  /**
   * Accepts a submission whole. `raw` is the message as it came; `replayOf` is the quarantined
   * message it corrects, closed in the same transaction. A test is judged alike and leaves nothing
   * behind. Throws DomainError: MESSAGE_ID_REUSED, PERSON_DIFFERS, those of `checkStanding` and
   * `checkReturns` (conflict), of `checkCareTimes`,
   * VISIT_NUMBER_INVALID, PERSON_UNKNOWN, CREDENTIAL_MISSING, CREDENTIAL_INVALID (invalid),
   * IDENTITY_UNAVAILABLE, IDENTITY_CONTRADICTS (unprocessable).
   */
  async accept(submission: Submission, raw: Buffer, replayOf?: string): Promise<Receipt> {
    this.parts.visitKnown?.(visitIdOf(submission.institutionId, submission.visitNumber));
    const contentHash = this.parts.envelope.hash(contentOf(submission));
    let whose: Holding;
    let isTest = submission.isTest === true;
    try {
      const profile = await this.parts.partners.profileOf(submission.institutionId);
      isTest ||= profile.mode === 'test';
      await this.visits.checkNumber(submission, profile);
      whose = await whoseOf(submission, profile, { ...this.parts, visits: this.visits });
    } catch (error) {
      // A repetition gets its first answer, whatever has become of the person's card since, and
      // without identity.
      const known = await this.parts.store.transact((transaction) =>
        this.again(transaction, submission, { contentHash, of: acceptedBefore }),
      );
      if (known) return known;
      throw error;
    }
    const receipt = await this.parts.store.transact(async (transaction) => {
      const row = this.rowOf(submission, { contentHash, personId: whose.personId, raw });
      const again = (of: typeof earlier) =>
        this.again(transaction, submission, { contentHash, of });
      const isNew = isTest && !(await earlier(transaction, submission, contentHash));
      const receipt =
        (await again(earlierUnnamed)) ??
        ((isTest ? isNew : await transaction.rows(intakeTable).insertIfAbsent(row.row))
          ? await this.record(transaction, submission, { ...row, ...whose, isTest })
          : await again(earlier));
      if (replayOf) await this.closeQuarantined(transaction, replayOf);
      return receipt!;
    });
    const { holderDiffers, repeated, test } = receipt;
    if (holderDiffers && !repeated && !test)
      this.parts.holderDiffers?.(submission.door, holderDiffers);
    return receipt;
  }

  /** Takes a merge of patient numbers. Throws as `Merges.accept`, and QUARANTINE_CLOSED (conflict). */
  merge(merge: MergeSubmission, replayOf?: string): Promise<MergeReceipt> {
    return this.merges.accept(
      merge,
      replayOf === undefined
        ? undefined
        : (transaction) => this.closeQuarantined(transaction, replayOf),
    );
  }

  /**
   * Reads a message. One that cannot be read but carries the id of an accepted one is first of all
   * a reused id: its corrected form needs another. Throws MESSAGE_ID_REUSED or
   * IDEMPOTENCY_KEY_REUSED (conflict), else what `read` throws.
   */
  async reading<Result>(
    { institutionId, ...key }: Omit<MessageKey, 'institutionId'> & Partial<MessageKey>,
    read: () => Result,
  ): Promise<Result> {
    try {
      return read();
    } catch (error) {
      if (institutionId !== undefined && error instanceof DomainError)
        await this.parts.store.transact((transaction) =>
          earlier(transaction, { ...key, institutionId }, 'unreadable'),
        );
      throw error;
    }
  }

  private rowOf(
    submission: Submission,
    {
      contentHash,
      personId,
      raw,
    }: { contentHash: string; personId: string | undefined; raw: Buffer },
  ) {
    const { institutionId, door, application, messageId, visitNumber } = submission;
    const receivedAt = this.parts.clock.now();
    const messagesWith = ({ holderDiffers }: Noted) =>
      toMessages(submission, personId, {
        time: receivedAt,
        traceparent: this.parts.traceparent(),
        identifier: this.parts.envelope.identifierOf(submission),
        holderDiffers,
      });
    const events = messagesWith({}).map(({ headers }) => ({
      id: headers['ce_id']!,
      type: headers['ce_type'] as AcceptedEvent['type'],
    }));
    const sealed = this.parts.envelope.seal(raw, intakeContext(submission));
    const row: IntakeRow = {
      institutionId,
      door,
      application,
      messageId,
      contentHash,
      visitId: visitIdOf(institutionId, visitNumber),
      personId: personId ?? null,
      events,
      sealed,
      forgotten: false,
      receivedAt,
    };
    return { row, messagesWith };
  }

  private async record(
    transaction: Transaction,
    submission: Submission,
    {
      row,
      messagesWith,
      isTest,
      differs = [],
    }: ReturnType<Intake['rowOf']> & Holding & { readonly isTest: boolean },
  ): Promise<Receipt> {
    const { visitId, personId, events, door, receivedAt } = row;
    const start = await transaction.rows(eventTable).get({ visitId, type: 'VisitStarted' });
    checkCareTimes(submission, {
      now: receivedAt,
      tolerances: this.parts.careTimes,
      visitStartedAt: start?.happenedAt ?? undefined,
    });
    if (personId) await checkPerson(transaction, { submission, personId, start });
    await checkStanding(submission, { transaction, visitId, start, now: receivedAt });
    await checkReturns(transaction, submission, this.parts.careTimes);
    if (isTest) return { visitId, ...differing(differs), events, repeated: false, test: true };
    const isForgotten = personId !== null && (await isDestroyed(transaction, personId));
    if (isForgotten)
      await transaction.rows(intakeTable).save({ ...row, sealed: null, forgotten: true });
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
        institutionId: row.institutionId,
        sourceMessageId: sourceMessageId(submission),
        ...UNDECIDED,
      })),
    );
    const noted = await noteHolder(transaction, submission, { differs, at: receivedAt });
    transaction.publish(...messagesWith(noted));
    return { visitId, ...noted, events, repeated: false };
  }

  /** The first answer to a message that is repeated; `of` finds it. */
  private async again(
    transaction: Transaction,
    submission: Submission,
    { contentHash, of }: { readonly contentHash: string; readonly of: typeof earlier },
  ): Promise<Receipt | undefined> {
    const known = await of(transaction, submission, contentHash);
    if (!known) return undefined;
    const { visitId, events } = known;
    return { visitId, ...(await holderNoted(transaction, known)), events, repeated: true };
  }

  private async closeQuarantined(transaction: Transaction, id: string): Promise<void> {
    const row: QuarantineRow | undefined = await transaction
      .rows(quarantineTable)
      .get({ id }, { lock: 'wait' });
    if (row?.status !== 'open') throw new DomainError('QUARANTINE_CLOSED', 'conflict', { id });
    await transaction
      .rows(quarantineTable)
      .save({ ...row, status: 'replayed', closedAt: this.parts.clock.now() });
  }
}

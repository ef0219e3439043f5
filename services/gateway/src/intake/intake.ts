import { type HolderFinding, type InterfaceProfile, visitIdOf } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import { replaying } from '../quarantine/replayed';
import { acceptedBefore, earlier } from './accepted-before';
import { believedEntitlement } from './entitlement';
import type { Envelope } from './envelope';
import type { AcceptedEvent, IntakeRow } from './intake.table';
import { isOpening, OpenedVisits } from './opened-visits';
import { checkIds } from './own-ids';
import type { Holding } from './holder';
import { whoseOfVisit } from './invalid-card';
import { type MergeReceipt, Merges } from './merges';
import type { Partners } from './partners';
import { Presented } from './presented';
import { firstAnswer, type Receipt } from './receipt';
import {
  type Door,
  type MessageKey,
  type MergeSubmission,
  contentOf,
  type Opener,
  sourceMessageId,
  type Submission,
  toMessages,
} from './submission';
import { keptNumber } from './visit-names';
import { type Incoming, Taking, type TakingParts } from './taking';

export interface IntakeParts extends TakingParts {
  readonly clock: Clock;
  readonly partners: Partners;
  readonly envelope: Envelope;
  /** The W3C trace that is active now. */
  readonly traceparent: () => string | undefined;
  /** Called with the visit of the message, as soon as it is known. */
  readonly visitKnown?: (visitId: string) => void;
  /** Called for each new case of a holder who is not as registered. */
  readonly holderDiffers?: (door: Door, fields: readonly HolderFinding[]) => void;
}

type Whose = Holding & Pick<Opener, 'entitlement'>;

/**
 * Whether a refusal may follow from an answer of a minute ago: a number leads to another person once a
 * merge is made or taken back.
 */
const mayBeOutdated = (submission: Submission, error: unknown): boolean =>
  error instanceof DomainError &&
  error.code === 'PERSON_DIFFERS' &&
  !isOpening(submission) &&
  submission.person !== undefined &&
  'type' in submission.person;

/** What is sealed is bound to the message it belongs to. */
export const intakeContext = (row: MessageKey): string => `intake ${sourceMessageId(row)}`;

/**
 * The one way in, whichever door a message came through: its row and its events are durable when
 * `accept` resolves, or nothing is.
 */
export class Intake {
  private readonly visits: OpenedVisits;
  private readonly merges: Merges;
  private readonly taking: Taking;
  private readonly presented: Presented;

  constructor(private readonly parts: IntakeParts) {
    this.visits = new OpenedVisits(parts);
    this.merges = new Merges(parts);
    this.taking = new Taking(parts, this.visits);
    this.presented = new Presented(parts);
  }

  /**
   * Accepts a submission whole. `raw` is the message as it came; `replayOf` is the quarantined
   * message it corrects, closed in the same transaction. A test is judged alike and leaves nothing
   * behind. Throws DomainError: MESSAGE_ID_REUSED, PERSON_DIFFERS, those of `checkStanding` and
   * `checkReturns` (conflict), of `checkCareTimes`,
   * VISIT_NUMBER_INVALID, ID_NUMBER_FORBIDDEN, PERSON_UNKNOWN, CREDENTIAL_MISSING, CREDENTIAL_INVALID (invalid),
   * IDENTITY_UNAVAILABLE, IDENTITY_CONTRADICTS, ENTITLEMENT_REFUSED (unprocessable).
   */
  async accept(given: Submission, raw: Buffer, replayOf?: string): Promise<Receipt> {
    const contentHash = this.parts.envelope.hash(contentOf(given));
    let submission = given;
    let whose: Whose;
    let isTest = given.isTest === true;
    try {
      const profile = await this.parts.partners.profileOf(given.institutionId);
      isTest ||= profile.mode === 'test';
      const visitNumber = keptNumber(this.parts.envelope, given, profile);
      submission = { ...given, visitNumber };
      // The span of a message of a topic has it by the message's key.
      if (given.door !== 'bus')
        this.parts.visitKnown?.(visitIdOf(given.institutionId, visitNumber));
      checkIds(given, profile);
      await this.visits.checkNumber(submission, profile, given.visitNumber);
      whose = await this.whoseOf(submission, profile);
    } catch (error) {
      // A repetition gets its first answer, whatever has become of the person's card since, and
      // without identity.
      const first = await this.parts.store.transact(async (transaction) => {
        const known = await acceptedBefore(transaction, given, contentHash);
        return known && firstAnswer(transaction, known);
      });
      if (first) return first;
      throw error;
    }
    const about = { contentHash, isTest, replayOf };
    const receipt = await this.taking
      .take(this.incoming(submission, raw, { ...whose, ...about }))
      .catch(async (error) => {
        if (!mayBeOutdated(submission, error)) throw error;
        const { partners } = this.parts;
        const profile = await partners.profileOf(submission.institutionId);
        const now = await this.whoseOf(submission, profile, { again: true });
        if (now.personId === whose.personId) throw error;
        return this.taking.take(this.incoming(submission, raw, { ...now, ...about }));
      });
    const { holderDiffers, repeated, test } = receipt;
    if (holderDiffers && !repeated && !test)
      this.parts.holderDiffers?.(submission.door, holderDiffers);
    return receipt;
  }

  private async whoseOf(
    submission: Submission,
    profile: InterfaceProfile,
    options: { readonly again?: boolean } = {},
  ): Promise<Whose> {
    const { partners, clock } = this.parts;
    const { visits, presented } = this;
    const parts = { partners, visits, presented, ...options };
    const whose = await whoseOfVisit(submission, profile, parts);
    const asked = { profile, personId: whose.personId, partners, now: clock.now() };
    const entitlement = await believedEntitlement(submission, asked);
    return entitlement ? { ...whose, entitlement } : whose;
  }

  /** Takes a merge of patient numbers. Throws as `Merges.accept`, and QUARANTINE_CLOSED (conflict). */
  merge(merge: MergeSubmission, replayOf?: string): Promise<MergeReceipt> {
    return this.merges.accept(
      merge,
      replayOf === undefined
        ? undefined
        : async (transaction) => (await replaying(transaction, replayOf, this.parts.clock.now()))(),
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

  private incoming(
    submission: Submission,
    raw: Buffer,
    whose: Holding &
      Pick<Opener, 'entitlement'> &
      Pick<Incoming, 'isTest' | 'replayOf'> &
      Pick<IntakeRow, 'contentHash'>,
  ): Incoming {
    const { institutionId, door, application, messageId, visitNumber, facts } = submission;
    const { contentHash, personId, presence, entitlement, differs = [], isTest, replayOf } = whose;
    const { clock, traceparent, envelope } = this.parts;
    const visitId = visitIdOf(institutionId, visitNumber);
    const at = {
      time: clock.now(),
      traceparent: submission.traceparent ?? traceparent(),
      identifier: envelope.identifierOf(submission),
    };
    const opener = { personId, presence, entitlement };
    const messages = toMessages(submission, opener, at);
    const row: IntakeRow = {
      ...{ institutionId, door, application, messageId, contentHash },
      visitId,
      personId: personId ?? null,
      events: messages.map(({ headers }) => ({
        id: headers['ce_id']!,
        type: headers['ce_type'] as AcceptedEvent['type'],
      })),
      sealed: envelope.seal(raw, intakeContext(submission)),
      forgotten: false,
      receivedAt: at.time,
    };
    return {
      ...{ lane: visitId, events: facts.length, bytes: raw.length },
      ...{ submission, row, differs, isTest, replayOf },
      messagesWith: ({ holderDiffers }, of) =>
        holderDiffers || of !== (personId ?? null)
          ? toMessages(
              submission,
              { ...opener, personId: of ?? undefined },
              { ...at, holderDiffers },
            )
          : messages,
    };
  }
}

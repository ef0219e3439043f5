import type { EventType, Fate, hospitalVisitEvents } from '@caretab/contracts';
import {
  booleanColumn,
  bytesColumn,
  fenColumn,
  instantColumn,
  jsonColumn,
  table,
  textColumn,
} from '@caretab/store';
import type { Door } from './submission';

/** One accepted message of a hospital, as it came. */
export interface IntakeRow {
  readonly institutionId: string;
  readonly door: Door;
  /** MSH-3, or NO_APPLICATION. */
  readonly application: string;
  /** MSH-10 or the Idempotency-Key. */
  readonly messageId: string;
  /** Keyed, because the content names people: it distinguishes a repetition from a reused id. */
  readonly contentHash: string;
  readonly visitId: string;
  readonly personId: string | null;
  readonly events: readonly AcceptedEvent[];
  /** The message's own bytes, sealed; null once they had to be forgotten. */
  readonly sealed: Buffer | null;
  readonly forgotten: boolean;
  readonly receivedAt: Date;
}

/** What was made of it, and the first answer to it. */
export interface AcceptedEvent {
  readonly id: string;
  readonly type: EventType<typeof hospitalVisitEvents>;
}

export const intakeTable = table<IntakeRow>({
  name: 'intake',
  columns: {
    institutionId: textColumn('institution_id', { primary: true }),
    door: textColumn('door', { primary: true }),
    application: textColumn('application', { primary: true }),
    messageId: textColumn('message_id', { primary: true }),
    contentHash: textColumn('content_hash'),
    visitId: textColumn('visit_id'),
    personId: textColumn('person_id', { nullable: true }),
    events: jsonColumn('events'),
    sealed: bytesColumn('sealed', { nullable: true }),
    forgotten: booleanColumn(),
    receivedAt: instantColumn('received_at'),
  },
});

/**
 * One accepted event: counted on the summary, and how a later message is held to the person and to
 * the time that its visit began with.
 */
export interface EventRow {
  readonly id: string;
  readonly door: Door;
  readonly type: string;
  readonly visitId: string;
  readonly personId: string | null;
  /** Of the hospital's own number of the patient, keyed; null where the message has none. */
  readonly patientNumberHash: string | null;
  /** Of its further own numbers, parted by blanks; null for what was accepted before they were kept. */
  readonly furtherNumberHashes: string | null;
  /** RFC 3339, by the hospital; null for what was accepted before it was kept. */
  readonly happenedAt: string | null;
  /** Of a charge or its return; null for others, and for what was accepted before it was kept. */
  readonly chargeId: string | null;
  readonly quantity: string | null;
  readonly amountFen: number | null;
  /** Of a charge, and of a return that says it; null for what was accepted before it was kept. */
  readonly itemCode: string | null;
  /** Of a return; null for what was accepted before it was kept. */
  readonly returnId: string | null;
  /** Whether a charge is a dispensed drug; null where the hospital does not say so. */
  readonly dispensed: boolean | null;
  readonly acceptedAt: Date;
  readonly institutionId: string;
  /** The name of the hospital's own message; null for what was accepted before it was kept. */
  readonly sourceMessageId: string | null;
  /** What the ledger made of it. */
  readonly fate: Fate;
  /** The fate, where it is one that hospitals look for. No index is by the others. */
  readonly listedFate: ListedFate | null;
  /** When the ledger said so; null while nothing was said. */
  readonly fateAt: Date | null;
  readonly reason: string | null;
  readonly remedy: string | null;
}

const LISTED = ['waiting', 'rejected', 'not-deferred'] as const satisfies readonly Fate[];
/** Rare fates: an index has those alone, so that the usual ones are written in place. */
export type ListedFate = (typeof LISTED)[number];

export const listedFate = (fate: Fate): ListedFate | null =>
  LISTED.find((listed) => listed === fate) ?? null;

/** The fate of what was accepted just now. */
export const UNDECIDED: Pick<EventRow, 'fate' | 'listedFate' | 'fateAt' | 'reason' | 'remedy'> = {
  ...{ fate: 'accepted', listedFate: null, fateAt: null, reason: null, remedy: null },
};

export const eventTable = table<EventRow>({
  name: 'accepted_event',
  columns: {
    id: textColumn('id', { primary: true }),
    door: textColumn(),
    type: textColumn(),
    visitId: textColumn('visit_id'),
    personId: textColumn('person_id', { nullable: true }),
    patientNumberHash: textColumn('patient_number_hash', { nullable: true }),
    furtherNumberHashes: textColumn('further_number_hashes', { nullable: true }),
    happenedAt: textColumn('happened_at', { nullable: true }),
    chargeId: textColumn('charge_id', { nullable: true }),
    quantity: textColumn('quantity', { nullable: true }),
    amountFen: fenColumn('amount_fen', { nullable: true }),
    itemCode: textColumn('item_code', { nullable: true }),
    returnId: textColumn('return_id', { nullable: true }),
    dispensed: booleanColumn('dispensed', { nullable: true }),
    acceptedAt: instantColumn('accepted_at'),
    institutionId: textColumn('institution_id'),
    sourceMessageId: textColumn('source_message_id', { nullable: true }),
    fate: textColumn(),
    listedFate: textColumn('listed_fate', { nullable: true }),
    fateAt: instantColumn('fate_at', { nullable: true }),
    reason: textColumn('reason', { nullable: true }),
    remedy: textColumn('remedy', { nullable: true }),
  },
  owners: { institution: 'institutionId' },
});

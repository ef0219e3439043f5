import type {
  Charge,
  ClaimLine,
  Coverage,
  HolderFinding,
  PayerPart,
  Resettlement,
  VisitLender,
  Presence,
  SubmissionKind,
  VisitClass,
} from '@caretab/contracts';
import type { ScopeTotals } from '@caretab/benefits';
import type { Authorization } from './authorization';
import type { Left } from './part';
import type { TabNow } from './tab-now';
import type { UnidentifiedFact } from './unidentified-facts';

/**
 * Whose visit, where, and the day it counts for (day of its start, Asia/Shanghai). Every fact about
 * an opened visit says so.
 */
export interface VisitRef {
  readonly visitId: string;
  readonly institutionId: string;
  readonly personId: string;
  readonly businessDate: string;
}

export interface Submission extends Omit<VisitRef, 'personId'> {
  readonly submissionId: string;
  /** `hl7/<institution>.<application>/<control id>` or `http/<institution>/<key>`. */
  readonly messageId: string;
  readonly kind: SubmissionKind;
}

/** A submission on its way: which message a report came in, and how long it may wait. */
export interface Submitted extends Submission {
  /** When the ledger took it, and until when it may wait: RFC 3339 in UTC. */
  readonly at: string;
  readonly waitsUntil: string;
  /** The stream already has a fact that it caused: it was answered, whatever that was. */
  readonly isRepeated?: boolean | undefined;
  /** The institution's rule, for a change of class that takes its turn with this report. */
  readonly endsBy?: EndsBy | undefined;
}

/** By when a visit of a class ends whose hospital sends no end: RFC 3339 in UTC. */
export type EndsBy = (of: {
  readonly visitClass: VisitClass;
  readonly startedAt: string;
}) => string | undefined;

type Fact<Type extends string, Data> = { readonly type: Type; readonly data: Data };
type Of<Data> = Readonly<VisitRef & Data>;
/** Of a visit that may not be opened yet: whose it is, where the hospital says so. */
type OfReported<Data> = Readonly<
  Omit<VisitRef, 'personId'> & { personId?: string | undefined } & Data
>;

export interface Verdict {
  readonly revision: number;
  readonly grossFen: number;
  readonly payers: readonly PayerPart[];
  readonly patientDueFen: number;
}

/**
 * The private facts of one visit, in its stream and nowhere else; public-events.ts says which of
 * them are published.
 */
export type VisitEvent =
  | UnidentifiedFact
  | Fact<
      'VisitOpened',
      Of<{
        visitNumber: string;
        visitClass: VisitClass;
        department?: string | undefined;
        startedAt: string;
        /** How the person was present; absent in facts of earlier releases, or not said. */
        presence?: Presence | undefined;
        /** Its end by the institution's rule, where no end comes; absent: no rule says so. */
        endsBy?: string | undefined;
      }>
    >
  | Fact<
      'VisitUpdated',
      Of<{
        department?: string | undefined;
        visitClass?: VisitClass | undefined;
        updatedAt: string;
        /** Of the new class. */
        endsBy?: string | undefined;
      }>
    >
  | Fact<
      'ChargeWaiting',
      {
        visitId: string;
        institutionId: string;
        businessDate: string;
        personId?: string | undefined;
        charge: Charge;
        /** It waits for who the patient is. */
        isUnidentified?: true | undefined;
        /** These three where it waits for the opening. */
        submissionId?: string | undefined;
        messageId?: string | undefined;
        waitsUntil?: string | undefined;
      }
    >
  /** A report that came before the opening, or a return before its charge. */
  | Fact<
      'SubmissionWaiting',
      Readonly<Submission> & {
        readonly reason: string;
        readonly chargeId?: string | undefined;
        readonly since: string;
        readonly waitsUntil: string;
        /** The command that it becomes; submissions.ts alone reads it. */
        readonly command: { readonly type: string; readonly data: object };
      }
    >
  /** A report whose turn came, or that no other fact shows. */
  | Fact<'SubmissionApplied', Readonly<Submission>>
  /** A report that was accepted and cannot be applied. */
  | Fact<
      'SubmissionRejected',
      Readonly<Submission> & {
        readonly reason: string;
        readonly remedy: string;
        readonly chargeId?: string | undefined;
        /** It was among what waits. */
        readonly waited: boolean;
        readonly rejectedAt: string;
      }
    >
  /** Its hospital has another before it than is registered. Field names, and no value. */
  | Fact<
      'HolderContradicted',
      Readonly<Omit<Submission, 'submissionId' | 'kind'>> & {
        readonly fields: readonly HolderFinding[];
        readonly foundAt: string;
      }
    >
  | Fact<'CreditAuthorized', Of<Authorization>>
  | Fact<'CreditDeclined', Of<{ reason: string }>>
  | Fact<'CoverageDetermined', Of<{ coverage: Coverage }>>
  | Fact<
      'HoldIncreaseRequested',
      Of<{ requestId: string; neededFen: number; wantedFen: number; chargeId?: string | undefined }>
    >
  | Fact<'HoldIncreased', Of<{ requestId: string; heldFen: number }>>
  | Fact<'HoldIncreaseDeclined', Of<{ requestId: string; reason: string }>>
  | Fact<'HoldLowered', Of<{ heldFen: number; updatedAt: string }>>
  | Fact<'HoldExpired', Of<{ heldFen: number }>>
  | Fact<'VisitOverdue', Of<{ askedAt: string }>>
  | Fact<
      'ChargeDeferred',
      Of<{ charge: Charge; waited: boolean; totals: ScopeTotals; patientEstimateFen: number }>
    >
  | Fact<'ChargeNotDeferred', OfReported<{ charge: Charge; waited: boolean; reason: string }>>
  | Fact<
      'ChargeConflictFound',
      {
        visitId: string;
        institutionId: string;
        businessDate: string;
        chargeId: string;
        recordedFen: number;
        conflictingFen: number;
        contentHash: string;
      }
    >
  /**
   * Given before the end, and posted after the closing: it waits for the citizen's agreement, until
   * when (RFC 3339); without a limit where an earlier release recorded it.
   */
  | Fact<'LateChargeRecorded', Of<{ charge: Charge; answerUntil?: string | undefined }>>
  | Fact<
      'ChargeReturned',
      {
        visitId: string;
        institutionId: string;
        businessDate: string;
        personId?: string | undefined;
        chargeId: string;
        returnId: string;
        amountFen: number;
        /** Absent where money alone was taken back. */
        quantity?: string | undefined;
        /** What is left of the charge; absent: nothing. */
        left?: Left | undefined;
        wasDeferred: boolean;
        /** Why its charge was not deferred, where it was not; absent in facts of earlier releases. */
        notDeferredFor?: string | undefined;
        waited: boolean;
        totals: ScopeTotals;
        patientEstimateFen?: number | undefined;
      }
    >
  | Fact<
      'ReturnWaiting',
      {
        visitId: string;
        institutionId: string;
        businessDate: string;
        returnId: string;
        chargeId: string;
        amountFen: number;
        quantity?: string | undefined;
      }
    >
  /**
   * `graceUntil`: it closes then at the earliest. Its hospital sent no end: `byRule`, or `byHold`,
   * which expired (absent in facts of earlier releases).
   */
  | Fact<
      'VisitEndReported',
      Of<{
        endedAt: string;
        graceUntil?: string | undefined;
        byRule?: true | undefined;
        byHold?: true | undefined;
      }>
    >
  | Fact<'VisitGraceEnded', Of<{ graceUntil: string }>>
  | Fact<'VisitReopened', Of<{ reopenedAt: string }>>
  | Fact<'VisitWithdrawalReported', Of<{ withdrawnAt: string }>>
  | Fact<'VisitCancelled', Of<{ cancelledAt: string; grossFen: number }>>
  | Fact<
      'VisitClosed',
      Of<{
        visitClass: VisitClass;
        startedAt: string;
        closedAt: string;
        revision: number;
        grossFen: number;
        lines: readonly ClaimLine[];
        /** Where insurers settle it again; absent where charges changed. */
        resettles?: Resettlement;
      }>
    >
  | Fact<
      'VisitAdjudicated',
      Of<
        Verdict & {
          accountPersonId: string;
          closedAt: string;
          previous: Verdict | null;
          /** RFC 3339, by the insurers' centre; absent in facts of earlier releases. */
          insurerSettledAt?: string;
          /** As its opening, and its authorization, say. */
          presence?: Presence | undefined;
          lender?: VisitLender;
        }
      >
    >
  | Fact<'PaymentRecorded', Of<{ paymentId: string; amountFen: number; channel: string }>>
  | Fact<'RefundRecorded', Of<{ refundId: string; amountFen: number; channel: string }>>
  | Fact<
      'PaymentMissed',
      Of<
        {
          accountPersonId: string;
          paymentId: string;
          attempt: number;
          owedFen: number;
          reason: string;
        } & TabNow
      >
    >
  | Fact<
      'VisitSettled',
      Of<
        {
          accountPersonId: string;
          revision: number;
          again: boolean;
          patientDueFen: number;
          paidFen: number;
          refundedFen: number;
          settledAt: string;
          payers?: readonly PayerPart[] | undefined;
          lender?: VisitLender;
        } & TabNow
      >
    >;

/** One type of fact. */
export type FactOf<Type extends VisitEvent['type']> = Extract<VisitEvent, { readonly type: Type }>;

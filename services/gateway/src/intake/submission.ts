import {
  type Charge,
  type ContractMessage,
  type CredentialType,
  type Entitlement,
  type Holder,
  type HolderFinding,
  hospitalVisitEvents,
  type Presence,
  type UnidentifiedReason,
  type VisitClass,
  message,
  visitIdOf,
} from '@caretab/contracts';
import { assert, derivedId } from '@caretab/kernel';
import { createHash } from 'node:crypto';

/** Which door a message came through. */
export type Door = 'mllp' | 'http' | 'bus';

/** A door that answers; what it refuses is quarantined. What a topic brings is parked. */
export type AnsweringDoor = Exclude<Door, 'bus'>;

/**
 * What a person shows at the counter; only identity knows whose it is. Never stored or logged in
 * the clear.
 */
export interface Credential {
  readonly type: CredentialType;
  readonly value: string;
  /** Of a static code: the last digits of the mobile number. */
  readonly mobileEnd?: string | undefined;
  /** When a front node that was offline read a dynamic code. */
  readonly readAt?: string | undefined;
}

/**
 * One thing a hospital says about a visit; a contract event without the ids that only the platform
 * can add.
 */
export type SubmittedFact =
  | {
      readonly type: 'VisitStarted';
      readonly visitClass: VisitClass;
      readonly department?: string | undefined;
      readonly startedAt: string;
    }
  /** Of a patient whom no one knows. */
  | {
      readonly type: 'UnidentifiedVisitStarted';
      readonly visitClass: 'emergency';
      readonly department?: string | undefined;
      readonly startedAt: string;
      readonly openedBy: readonly string[];
      readonly reason: UnidentifiedReason;
    }
  | {
      readonly type: 'VisitUpdated';
      readonly visitClass?: VisitClass | undefined;
      readonly department?: string | undefined;
      readonly holdMaxFen?: number | undefined;
      readonly updatedAt: string;
    }
  | { readonly type: 'VisitWithdrawn'; readonly withdrawnAt: string }
  | { readonly type: 'VisitEnded'; readonly endedAt: string }
  | { readonly type: 'VisitReopened'; readonly reopenedAt: string }
  | { readonly type: 'ChargePosted'; readonly charge: Charge }
  /** A return (退费), of a whole charge or of a part: by quantity, by amount, or by both. */
  | {
      readonly type: 'ChargeReturned';
      readonly returnId: string;
      readonly chargeId: string;
      /** The item of the charge, where the message says it. */
      readonly itemCode?: string | undefined;
      readonly quantity?: string | undefined;
      readonly amountFen?: number | undefined;
      readonly returnedToPharmacy?: true | undefined;
      readonly returnedAt: string;
    };

/** A hospital's own numbers of a patient go away, and another one stays. Personal data. */
export interface PatientMerge {
  readonly former: readonly string[];
  readonly surviving: string;
  /** Whom the message names by NI and HC beside each, and where it says so. */
  readonly credentials: {
    readonly surviving: readonly Credential[];
    readonly former: readonly Credential[];
    readonly fields: { readonly surviving: string; readonly former: string };
  };
}

/** A message that merges patient numbers, one or more patients. */
export interface MergeSubmission extends MessageKey {
  readonly patients: readonly PatientMerge[];
  /** Judged, and nothing is noted. */
  readonly isTest?: boolean | undefined;
}

/**
 * HL7's MR, empty where the message has none: it says nothing outside of its hospital. All of its
 * numbers are the submission's `patientNumbers`. Personal data.
 */
export interface OwnNumber {
  readonly patientNumber: string;
}

/** `certno`: whom the centre spoke of; never kept. */
export type SaidEntitlement = Entitlement & { readonly certno?: string | undefined };

/** One message of a hospital, understood: everything in it is accepted, or nothing. */
export interface Submission {
  readonly door: Door;
  readonly institutionId: string;
  /** Which program of the institution speaks (MSH-3), with ids of its own; else NO_APPLICATION. */
  readonly application: string;
  /** The sender's own id of the message: MSH-10, the Idempotency-Key, or `ce_id`. */
  readonly messageId: string;
  readonly visitNumber: string;
  /**
   * Who the visit is for; a charge over HTTP need not say it again. On a visit that was opened, the
   * hospital's own number of the patient is enough, or none (empty).
   */
  readonly person?: Credential | { readonly personId: string } | OwnNumber | undefined;
  /** Further credentials of the same message: none may be another person's. */
  readonly otherCredentials?: readonly Credential[] | undefined;
  /** How the person is present, where the request says so. */
  readonly presence?: Presence | undefined;
  /** Whom the hospital has before it. Personal data: never stored, logged or published. */
  readonly holder?: Holder | undefined;
  /** What the centre answered the hospital, and whom it spoke of. Personal data. */
  readonly entitlement?: SaidEntitlement | undefined;
  /** The credential is the mother's, by the message itself: it is about her newborn. */
  readonly isMothers?: boolean | undefined;
  /** The hospital's own numbers of the patient; facts keep the first as their identifier. */
  readonly patientNumbers?: readonly string[] | undefined;
  /** Judged, and applied to nothing. */
  readonly isTest?: boolean | undefined;
  /** Of HL7's ADT: the field that says when it happened. */
  readonly momentField?: string | undefined;
  /** The trace that it came by, where that is not the active one. */
  readonly traceparent?: string | undefined;
  readonly facts: readonly SubmittedFact[];
}

/**
 * What distinguishes a repetition from a reused id. PID's holder never was a part of it: engines
 * complete PID between two attempts; nor was the item of a return.
 */
export const contentOf = (submission: Submission): Partial<Submission> => {
  const { application: _, patientNumbers: _numbers, isTest: _test, ...said } = submission;
  const { otherCredentials: _others, momentField: _field, traceparent: _by, ...content } = said;
  if (content.door !== 'mllp') return content;
  const { holder: _holder, isMothers: _mothers, facts, ...withoutHolder } = content;
  return { ...withoutHolder, facts: facts.map(withoutItem) };
};

const withoutItem = (fact: SubmittedFact): SubmittedFact => {
  if (fact.type !== 'ChargeReturned') return fact;
  const { itemCode: _, ...rest } = fact;
  return rest;
};

/** What makes a message the same message: its door, its sender, and the sender's own id of it. */
export type MessageKey = Pick<Submission, 'door' | 'institutionId' | 'application' | 'messageId'>;

/**
 * Over HTTP and the bus, and of HL7 messages that were accepted before the application was kept. No message says
 * so by itself: what is read of MSH-3 has no blanks around it.
 */
export const NO_APPLICATION = ' ';

const SOURCE_LENGTH_MAX = 120;
const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*~.]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/**
 * The name under which the audit finds a hospital's own message:
 * `hl7/<institution>.<application>/<control id>`, `http/<institution>/<key>` or
 * `bus/<institution>/<ce_id>`. Where that is longer than 120 characters, a digest stands for the
 * application and the id: `hl7/<institution>/~<digest>`.
 */
export const sourceMessageId = ({
  door,
  institutionId,
  application,
  messageId,
}: MessageKey): string => {
  const isNamed = application !== '' && application !== NO_APPLICATION;
  const sender = isNamed ? `.${percentEncoded(application)}` : '';
  const way = door === 'mllp' ? 'hl7' : door;
  const name = `${way}/${institutionId}${sender}/${messageId}`;
  if (name.length <= SOURCE_LENGTH_MAX) return name;
  return `${way}/${institutionId}/~${createHash('sha256').update(name).digest('base64url')}`;
};

/** What each of a message's events says beside its fact. */
interface Said {
  readonly visitId: string;
  readonly institutionId: string;
  readonly visitNumber: string;
  readonly identifier?: string;
  readonly holderDiffers?: readonly HolderFinding[];
}

/** Whose a message is, and of an opening how that person was present. */
export interface Opener {
  readonly personId?: string | undefined;
  readonly presence?: Presence | undefined;
  readonly entitlement?: Entitlement | undefined;
}

const dataOf = (
  fact: SubmittedFact,
  visit: Said,
  { personId, presence, entitlement }: Opener,
): Record<string, unknown> => {
  const { type, ...rest } = fact;
  const said = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  assert(type !== 'VisitStarted' || personId, 'a visit that starts has a person');
  const isStart = type === 'VisitStarted';
  return {
    ...visit,
    ...(personId && { personId }),
    ...said,
    ...(isStart && presence && { presence }),
    ...(isStart && entitlement && { entitlement }),
  };
};

/**
 * The contract events of a submission, in its order. Their ids derive from institution, message id
 * and place in the message, so a repetition makes the same ids.
 */
export const toMessages = (
  submission: Submission,
  whose: Opener,
  at: {
    readonly time: Date;
    readonly traceparent?: string | undefined;
    /** By what it named its person. */
    readonly identifier?: string | undefined;
    /** The first event says so. */
    readonly holderDiffers?: readonly HolderFinding[] | undefined;
  },
): ContractMessage[] => {
  const { institutionId, visitNumber, facts } = submission;
  const { identifier, holderDiffers } = at;
  const visit = {
    ...{ visitId: visitIdOf(institutionId, visitNumber), institutionId, visitNumber },
    ...(identifier !== undefined && { identifier }),
  };
  const said = (index: number): Said =>
    index === 0 && holderDiffers ? { ...visit, holderDiffers } : visit;
  const cause = sourceMessageId(submission);
  return facts.map((fact, index) =>
    message(hospitalVisitEvents, fact.type, dataOf(fact, said(index), whose) as never, {
      id: derivedId(cause, String(index + 1)),
      time: at.time,
      source: `hospital/${institutionId}`,
      causedBy: { id: cause, traceparent: at.traceparent },
    }),
  );
};

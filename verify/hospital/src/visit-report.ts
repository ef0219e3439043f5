import type { Charge, VisitClass } from '@caretab/contracts';

/** Who the visit is about, as the hospital's own records name them. Personal data. */
export interface Patient {
  /** Resident ID number, 18 characters. */
  readonly idNumber: string;
  /** Family name first, as written in Chinese. */
  readonly name: string;
  /** The hospital's own number of the patient (MR). */
  readonly recordNumber: string;
  readonly mobile?: string;
}

/** A visit as its hospital knows it. Instants are RFC 3339 with the offset of China. */
export interface ReportedVisit {
  readonly institutionId: string;
  readonly visitNumber: string;
  readonly visitClass: VisitClass;
  readonly department: string;
  readonly startedAt: string;
  readonly patient: Patient;
}

/** A charge as the hospital posts it; amounts in fen. `itemName` is in HL7 only. */
export type ReportedCharge = Charge & { readonly itemName?: string };

/** A part of a charge: by quantity (an exact decimal), by amount in fen, or by both. */
export interface ReturnedPart {
  readonly quantity?: string;
  readonly amountFen?: number;
}

/** What a hospital says of a visit. */
export type ReportContent =
  | { readonly kind: 'start' }
  | { readonly kind: 'update'; readonly department: string }
  /** Another class from this moment on (HL7 A06, A07). */
  | { readonly kind: 'reclassify'; readonly visitClass: VisitClass }
  | { readonly kind: 'charges'; readonly charges: readonly ReportedCharge[] }
  /** Takes an earlier charge back; `part` names the part, where it is not the whole. */
  | {
      readonly kind: 'return';
      readonly returnId: string;
      readonly charge: ReportedCharge;
      /** The item that it names; over HL7 that of the charge, unless given. */
      readonly itemCode?: string | undefined;
      readonly part?: ReturnedPart | undefined;
      /** The pharmacy has the dispensed drug back. */
      readonly returnedToPharmacy?: true | undefined;
    }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'end' }
  /** The end was reported in error. */
  | { readonly kind: 'reopen' };

/**
 * One message of a hospital about one visit; `at`: when it happened. The three writers encode it
 * for HL7 v2, for HTTP and for the bus.
 */
export type VisitReport = { readonly at: string } & ReportContent;

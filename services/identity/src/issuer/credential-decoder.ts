import type { IssuedKind } from '@caretab/contracts';
import type { SourceRecordDomain } from './issuers';

/** A code that someone else issued, as it was shown. */
export interface IssuedCode {
  readonly kind: IssuedKind;
  readonly token: string;
}

/** The same question again, by its id, has the same answer: it is no second use. */
export interface DecodeQuestion extends IssuedCode {
  readonly requestId: string;
  /** The hospital that it is shown at; empty: the platform's own desk. */
  readonly institutionId: string;
}

/** Whose code it is, as its issuer says it. Personal data. */
export interface DecodedHolder {
  readonly name?: string | undefined;
  readonly idNumber?: string | undefined;
  readonly insuranceNumber?: string | undefined;
  /** The issuer's own id of the person. */
  readonly holderId?: string | undefined;
}

/**
 * `silent`: no answer, or none that can be believed; the same question may be asked again. `unset`: no
 * one decodes codes of this kind.
 */
export type Decoded =
  | {
      readonly outcome: 'decoded';
      readonly holder: DecodedHolder;
      /** Under which the master index keeps the issuer's numbers. */
      readonly domains: SourceRecordDomain;
    }
  | { readonly outcome: 'unknown' | 'expired' | 'used' | 'other-institution' }
  | { readonly outcome: 'silent' | 'unset' };

/** Decodes codes that others issue, each by its own issuer. */
export interface CredentialDecoder {
  decode(question: DecodeQuestion): Promise<Decoded>;
}

/** Where an operator names no issuer. */
export const noDecoder: CredentialDecoder = { decode: async () => ({ outcome: 'unset' }) };

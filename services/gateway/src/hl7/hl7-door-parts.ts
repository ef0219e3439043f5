import type { InterfaceProfile } from '@caretab/contracts';
import type { Clock } from '@caretab/kernel';
import type { Leave } from '../admission/admission';
import type { DecisionsOn } from '../api/visit-ledger.adapter';
import type { Intake } from '../intake/intake';
import type { Partners } from '../intake/partners';
import type { Quarantine } from '../quarantine/quarantine';

export interface Hl7DoorParts {
  readonly intake: Intake;
  readonly quarantine: Quarantine;
  readonly partners: Partners;
  readonly clock: Clock;
  /**
   * Waits for the message's turn; gives what ends it. Throws OVERLOADED (overloaded).
   * `institutionId`: empty when the sender is unknown.
   */
  readonly admit: (institutionId: string) => Promise<Leave>;
  /**
   * Whether a certificate, by its fingerprint, may speak for an institution, as of now: what it sent
   * is not taken again by an operator where its sender may not say it.
   */
  readonly mayCertificateSpeak: (certificate: string, institutionId: string) => boolean;
  /** The ledger's decisions on charges, waited for. */
  readonly decisionsOn: DecisionsOn;
  /** Called for an error of ours; the sender is asked to retry. */
  readonly failed: (error: unknown) => void;
  /**
   * Called for what cannot be answered, because its sender could not know to which message the
   * answer belongs.
   */
  readonly unanswered: (why: Unanswered) => void;
  /** Called for a message that is not needed, or that was only judged, by its type. */
  readonly passedOver: (why: PassedOver, messageType: string) => void;
}

export type PassedOver = 'ignored' | 'test';
export type Unanswered = 'empty frame' | 'no control id';

/** Who sent a message, as far as its header says. */
export interface Speaker {
  readonly institutionId: string | undefined;
  readonly profile: InterfaceProfile | undefined;
}

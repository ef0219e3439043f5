import { type InterfaceProfile, visitIdOf } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import type { Envelope } from './envelope';
import { type EventRow, eventTable } from './intake.table';
import { isSamePatient } from './merged-numbers';
import type { OwnNumber, Submission } from './submission';
import { hasForm } from './visit-number';

type OfVisit = Pick<Submission, 'institutionId' | 'visitNumber' | 'door'>;

/** Whether a message opens a visit. */
export const isOpening = ({ facts }: Pick<Submission, 'facts'>): boolean =>
  facts.some(({ type }) => type === 'VisitStarted');

const SEND_ONE =
  'send the ID number with type NI or the health card number with type HC in PID-3.5';
const ALWAYS =
  "in every message: by the interface profile the hospital's own number (MR) is not enough";

/** By what a patient number is known again: keyed, because it names a person in its hospital. */
export const numberHashOf = (
  envelope: Envelope,
  number: { readonly institutionId: string; readonly patientNumber: string },
): string => envelope.hash(number);

/** What is remembered of a visit whose opening was accepted. */
export class OpenedVisits {
  constructor(private readonly parts: { readonly store: Store; readonly envelope: Envelope }) {}

  /**
   * A number without a form of the hospital's is a slip. Visits that were opened before the profile
   * said so go on. Throws VISIT_NUMBER_INVALID (invalid).
   */
  async checkNumber(submission: Submission, profile: InterfaceProfile): Promise<void> {
    if (hasForm(submission.visitNumber, profile)) return;
    if (!isOpening(submission) && (await this.startOf(submission))) return;
    throw new DomainError('VISIT_NUMBER_INVALID', 'invalid', {
      field: submission.door === 'mllp' ? 'PV1-19' : '/visitNumber',
      why: 'the number does not have a form of the institution',
      remedy: "check the visit number, or have its form added to the institution's profile",
    });
  }

  /**
   * Whose visit it is, for a message that has at most the hospital's own number of the patient.
   * Throws CREDENTIAL_MISSING (invalid) where no opening was accepted, and PERSON_DIFFERS (conflict)
   * for another number than the opening's that was not merged with it, or that another person is
   * known by.
   */
  async personOf(
    submission: OfVisit & { readonly person: OwnNumber },
    { patientNumbers = true }: InterfaceProfile,
  ): Promise<string | undefined> {
    const start = patientNumbers ? await this.startOf(submission) : undefined;
    if (!start)
      throw new DomainError('CREDENTIAL_MISSING', 'invalid', {
        field: 'PID-3',
        why: patientNumbers
          ? 'no identifier says who this is, and the visit was not opened'
          : "no identifier says who this is but the hospital's own number, if any",
        remedy: patientNumbers ? `open the visit first, or ${SEND_ONE}` : `${SEND_ONE}, ${ALWAYS}`,
      });
    const { patientNumber } = submission.person;
    const given = this.hashOf({ ...submission, patientNumber: patientNumber || undefined });
    if (given !== null && !(await this.isOfNumber(given, start)))
      throw new DomainError('PERSON_DIFFERS', 'conflict', {
        field: 'PID-3',
        why: "the patient number (MR) is not one of the visit's patient",
        remedy: 'check the visit number and the identifier',
      });
    return start.personId ?? undefined;
  }

  /** Null where the message has none. */
  hashOf({
    institutionId,
    patientNumber,
  }: Pick<Submission, 'institutionId' | 'patientNumber'>): string | null {
    return patientNumber === undefined
      ? null
      : numberHashOf(this.parts.envelope, { institutionId, patientNumber });
  }

  private async isOfNumber(given: string, start: EventRow): Promise<boolean> {
    return (
      given === start.patientNumberHash ||
      this.parts.store.transact((transaction) => isSamePatient(transaction, given, start))
    );
  }

  private startOf({ institutionId, visitNumber }: OfVisit): Promise<EventRow | undefined> {
    const visitId = visitIdOf(institutionId, visitNumber);
    return this.parts.store.transact((transaction) =>
      transaction.rows(eventTable).get({ visitId, type: 'VisitStarted' }),
    );
  }
}

import { type InterfaceProfile, visitIdOf } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import type { Envelope } from './envelope';
import { type EventRow, eventTable } from './intake.table';
import { isSamePatient } from './merged-numbers';
import type { OwnNumber, Submission } from './submission';
import { hasForm } from './visit-number';

type OfVisit = Pick<Submission, 'institutionId' | 'visitNumber' | 'door'>;

/** How a visit is opened whose patient no one knows. */
export const OF_UNIDENTIFIED = 'UnidentifiedVisitStarted';

/** Whether a message opens the visit of a person. */
export const isOpening = ({ facts }: Pick<Submission, 'facts'>): boolean =>
  facts.some(({ type }) => type === 'VisitStarted');

const SEND_ONE =
  'send the ID number with type NI or the health card number with type HC in PID-3.5';
const ALWAYS =
  "in every message: by the interface profile the hospital's own number (MR, PI) is not enough";

/** By what a patient number is known again: keyed, because it names a person in its hospital. */
export const numberHashOf = (
  envelope: Envelope,
  number: { readonly institutionId: string; readonly patientNumber: string },
): string => envelope.hash(number);

type Numbered = Pick<Submission, 'institutionId' | 'patientNumbers'>;
type KeptNumbers = Pick<EventRow, 'patientNumberHash' | 'furtherNumberHashes'>;

/** Of a message without own numbers, and of one whose person was forgotten. */
export const NO_NUMBERS: KeptNumbers = { patientNumberHash: null, furtherNumberHashes: '' };

/** All own numbers of an event, keyed. */
export const numberHashesOf = (event: KeptNumbers): readonly string[] =>
  [event.patientNumberHash ?? '', ...(event.furtherNumberHashes ?? '').split(' ')].filter(
    (hash) => hash !== '',
  );

/** What is remembered of a visit whose opening was accepted. */
export class OpenedVisits {
  constructor(private readonly parts: { readonly store: Store; readonly envelope: Envelope }) {}

  /**
   * A number without a form of the hospital's is a slip. Visits that were opened before the profile
   * said so go on. Throws VISIT_NUMBER_INVALID (invalid).
   */
  async checkNumber(
    submission: Submission,
    profile: InterfaceProfile,
    ownNumber: string,
  ): Promise<void> {
    if (hasForm(ownNumber, profile)) return;
    if (!isOpening(submission) && (await this.startOf(submission))) return;
    throw new DomainError('VISIT_NUMBER_INVALID', 'invalid', {
      field: submission.door === 'mllp' ? 'PV1-19' : '/visitNumber',
      why: 'the number does not have a form of the institution',
      remedy: "check the visit number, or have its form added to the institution's profile",
    });
  }

  /**
   * Whose visit it is, for a message that has at most the hospital's own numbers of the patient.
   * Throws CREDENTIAL_MISSING (invalid) where no opening was accepted, and PERSON_DIFFERS (conflict)
   * where none of its numbers is one of the opening's, or was merged with one and is known for no
   * other person.
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
    // No one knew the patient: there is no number to hold against.
    if (start.type === OF_UNIDENTIFIED) return undefined;
    if (!(await this.isOfNumbers(this.comparedWith(start, submission), start)))
      throw new DomainError('PERSON_DIFFERS', 'conflict', {
        field: 'PID-3',
        why: "none of the patient numbers (MR, PI, PT or without a type) is one of the visit's patient",
        remedy: 'check the visit number and the identifier',
      });
    return start.personId ?? undefined;
  }

  /** The own numbers of a message, as its events keep them. */
  numbersOf(submission: Numbered): KeptNumbers {
    const [first = null, ...further] = this.hashesOf(submission);
    return { patientNumberHash: first, furtherNumberHashes: further.join(' ') };
  }

  private hashesOf({ institutionId, patientNumbers = [] }: Numbered): readonly string[] {
    return patientNumbers.map((patientNumber) =>
      numberHashOf(this.parts.envelope, { institutionId, patientNumber }),
    );
  }

  /** Of an opening whose further numbers were not kept MR alone is known: no other is compared. */
  private comparedWith(
    { furtherNumberHashes }: EventRow,
    submission: Numbered & { readonly person: OwnNumber },
  ): readonly string[] {
    if (furtherNumberHashes !== null) return this.hashesOf(submission);
    const { patientNumber } = submission.person;
    const patientNumbers = patientNumber === '' ? [] : [patientNumber];
    return this.hashesOf({ ...submission, patientNumbers });
  }

  private async isOfNumbers(given: readonly string[], start: EventRow): Promise<boolean> {
    const { personId } = start;
    const hashes = numberHashesOf(start);
    if (given.length === 0 || given.some((hash) => hashes.includes(hash))) return true;
    return this.parts.store.transact(async (transaction) => {
      for (const hash of given)
        if (await isSamePatient(transaction, hash, { hashes, personId })) return true;
      return false;
    });
  }

  private async startOf({ institutionId, visitNumber }: OfVisit): Promise<EventRow | undefined> {
    const visitId = visitIdOf(institutionId, visitNumber);
    return this.parts.store.transact(async (transaction) => {
      const events = transaction.rows(eventTable);
      const start = await events.get({ visitId, type: 'VisitStarted' });
      return start ?? events.get({ visitId, type: OF_UNIDENTIFIED });
    });
  }
}

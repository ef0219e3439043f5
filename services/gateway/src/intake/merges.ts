import { type Clock, DomainError, normaliseIdNumber } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { acceptedBefore } from './accepted-before';
import type { Envelope } from './envelope';
import { type IntakeRow, intakeTable } from './intake.table';
import { mergeNumbers, type NumberMerge } from './merged-numbers';
import { numberHashOf } from './opened-visits';
import type { Partners } from './partners';
import { saysNothing } from './says-nothing';
import type { Credential, MergeSubmission, PatientMerge } from './submission';

/** The answer to a merge that was taken; it makes no event. */
export interface MergeReceipt {
  readonly merged: true;
  readonly events: readonly [];
  readonly repeated: boolean;
  /** It was judged, and nothing was noted. */
  readonly test?: true;
}

interface MergeParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly partners: Partners;
  readonly envelope: Envelope;
}

/** A merge is of no visit, and its bytes are not kept. */
const NO_VISIT = '';

const contradicts = (field: string): DomainError =>
  new DomainError('IDENTITY_CONTRADICTS', 'unprocessable', {
    field,
    why: 'the identifiers of the merge (NI, HC) are those of different persons',
    remedy: 'check whose numbers they are; send NI and HC of one patient, or none',
  });

interface Asking {
  readonly partners: Partners;
  readonly institutionId: string;
}

/** Whose credential it is; undefined for one that is not registered, or that cannot be read. */
const ownerOf = (
  { partners, institutionId }: Asking,
  credential: Credential,
): Promise<string | undefined> =>
  partners.personOf(credential, { fresh: true, institutionId }).then(
    ({ personId }) => personId,
    (error) => {
      if (saysNothing(error)) return undefined;
      throw error;
    },
  );

/**
 * Whom the identifiers of a merge name. Persons are registered by their ID numbers: one in PID-3
 * that is not registered is a stranger's. A card that is not registered says nothing, nor does such
 * an ID number in MRG-1: it may be the slip for which the two are merged. Throws
 * IDENTITY_CONTRADICTS (unprocessable), and what `Partners.personOf` throws.
 */
const namedBy = async (
  { surviving, former, fields }: PatientMerge['credentials'],
  asking: Asking,
): Promise<Pick<NumberMerge, 'personId' | 'isStranger'>> => {
  const named = new Set<string>();
  const strangers = new Set<string>();
  for (const credential of surviving) {
    const personId = await ownerOf(asking, credential);
    if (personId !== undefined) named.add(personId);
    else if (credential.type === 'id-number') strangers.add(normaliseIdNumber(credential.value));
    if (named.size + strangers.size > 1) throw contradicts(fields.surviving);
  }
  for (const credential of former) {
    const personId = await ownerOf(asking, credential);
    if (personId !== undefined) named.add(personId);
    if (named.size > 1 || (personId !== undefined && strangers.size > 0))
      throw contradicts(fields.former);
  }
  return { personId: [...named][0], isStranger: strangers.size > 0 };
};

/** Merges of patient numbers: read once, answered the same again, noted all or none. */
export class Merges {
  constructor(private readonly parts: MergeParts) {}

  /**
   * Two or more of a hospital's patient numbers are one patient's: on visits that are open, each
   * names the person. A test is judged alike and leaves nothing behind; `replayed` closes what it
   * replays, in the same transaction. Throws DomainError: MESSAGE_ID_REUSED, PERSON_DIFFERS,
   * MERGE_CIRCULAR (conflict), IDENTITY_CONTRADICTS (unprocessable), FIELD_INVALID (invalid),
   * IDENTITY_UNAVAILABLE (unavailable).
   */
  async accept(
    merge: MergeSubmission,
    replayed?: (transaction: Transaction) => Promise<void>,
  ): Promise<MergeReceipt> {
    const { store, clock, partners, envelope } = this.parts;
    const { isTest: _, application: _application, ...content } = merge;
    const contentHash = envelope.hash(content);
    const isTest =
      merge.isTest === true || (await partners.profileOf(merge.institutionId)).mode === 'test';
    const again = await store.transact(async (transaction) => {
      const known = await acceptedBefore(transaction, merge, contentHash);
      if (known) await replayed?.(transaction);
      return known;
    });
    if (again) return { merged: true, events: [], repeated: true };
    const named = await this.named(merge);
    const mergedAt = clock.now();
    const row = rowOf(merge, { contentHash, receivedAt: mergedAt });
    const taken = store.transact(async (transaction): Promise<MergeReceipt> => {
      // One that was sent twice at once is the first one's repetition.
      if (!(await transaction.rows(intakeTable).insertIfAbsent(row))) {
        await acceptedBefore(transaction, merge, contentHash);
        await replayed?.(transaction);
        return { merged: true, events: [], repeated: true };
      }
      await mergeNumbers(transaction, named, { institutionId: merge.institutionId, mergedAt });
      if (isTest) throw new Judged();
      await replayed?.(transaction);
      return { merged: true, events: [], repeated: false };
    });
    return taken.catch((error) => {
      if (error instanceof Judged)
        return { merged: true, events: [], repeated: false, test: true } as const;
      throw error;
    });
  }

  private async named({ institutionId, patients }: MergeSubmission): Promise<NumberMerge[]> {
    const merges: NumberMerge[] = [];
    for (const { former, surviving, credentials } of patients) {
      const whose = await namedBy(credentials, { ...this.parts, institutionId });
      const hashOf = (patientNumber: string): string =>
        numberHashOf(this.parts.envelope, { institutionId, patientNumber });
      for (const number of former)
        merges.push({
          ...{ formerHash: hashOf(number), survivingHash: hashOf(surviving) },
          ...whose,
          fields: credentials.fields,
        });
    }
    return merges;
  }
}

/** A test was judged to its end: all that it did is rolled back. */
class Judged extends Error {}

const rowOf = (
  { institutionId, door, application, messageId }: MergeSubmission,
  { contentHash, receivedAt }: Pick<IntakeRow, 'contentHash' | 'receivedAt'>,
): IntakeRow => ({
  ...{ institutionId, door, application, messageId, contentHash },
  ...{ visitId: NO_VISIT, personId: null, events: [], sealed: null, forgotten: true },
  receivedAt,
});

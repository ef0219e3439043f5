import {
  type HolderField,
  type HolderPolicy,
  type InterfaceProfile,
  visitIdOf,
} from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { Fault } from './fault';
import { holderCaseTable } from './holder-case.table';
import { type OpenedVisits, isOpening } from './opened-visits';
import type { Partners, Whose } from './partners';
import { type Door, type MessageKey, sourceMessageId, type Submission } from './submission';

const PLACES: Readonly<Record<Door, Readonly<Record<HolderField, string>>>> = {
  http: { name: '/holder/name', birthDate: '/holder/birthDate', sex: '/holder/sex' },
  mllp: { name: 'PID-5', birthDate: 'PID-7', sex: 'PID-8' },
};

/** Where the sender finds what is not as registered. Never a value. */
export const holderFaults = (door: Door, fields: readonly HolderField[]): readonly Fault[] =>
  fields.map((field) => ({
    field: PLACES[door][field],
    code: 'IDENTITY_CONTRADICTS',
    why: 'the person whom the credential leads to is registered otherwise',
    remedy: 'check whose credential it is; leave out what is a placeholder',
  }));

/** Engines fill PID-5 and PID-8 with placeholders; over HTTP a member is sent on purpose. */
const policyOf = (door: Door, { holder }: InterfaceProfile): HolderPolicy =>
  holder ?? (door === 'mllp' ? 'report' : 'refuse');

/**
 * Whose visit a message is about, and what of its holder is not as registered. Undefined for a
 * message that says nothing of a person. Throws IDENTITY_CONTRADICTS (unprocessable) for an opening
 * where the profile refuses it, and what `Partners.personOf` and `OpenedVisits.personOf` throw.
 */
export const whoseOf = async (
  submission: Submission,
  profile: InterfaceProfile,
  { partners, visits }: { readonly partners: Partners; readonly visits: OpenedVisits },
): Promise<Partial<Whose>> => {
  const { person, door } = submission;
  if (!person) return {};
  if ('patientNumber' in person)
    return { personId: await visits.personOf({ ...submission, person }, profile) };
  const policy = policyOf(door, profile);
  const holder = policy === 'ignore' ? undefined : submission.holder;
  const isFirst = isOpening(submission);
  const whose =
    'type' in person
      ? await partners.personOf(person, { fresh: isFirst, holder })
      : { ...person, differs: holder ? await partners.compare(person.personId, holder) : [] };
  if (isFirst && policy === 'refuse' && whose.differs.length > 0)
    throw new DomainError('IDENTITY_CONTRADICTS', 'unprocessable', {
      faults: holderFaults(door, whose.differs),
    });
  return whose;
};

export interface Noted {
  /** What of the holder is not as registered, where this message said so first of its visit. */
  readonly holderDiffers?: readonly HolderField[];
}

/** As an answer has it: absent where nothing differs. */
export const differing = (fields: readonly HolderField[]): Noted =>
  fields.length > 0 ? { holderDiffers: fields } : {};

/** Notes a case of a visit; gives its fields where it is a new one, else none. */
export const noteHolder = async (
  transaction: Transaction,
  submission: Submission,
  { differs, at }: { readonly differs: readonly HolderField[]; readonly at: Date },
): Promise<Noted> => {
  if (differs.length === 0) return {};
  const isNew = await transaction.rows(holderCaseTable).insertIfAbsent({
    visitId: visitIdOf(submission.institutionId, submission.visitNumber),
    fields: differs.join(','),
    sourceMessageId: sourceMessageId(submission),
    foundAt: at,
  });
  return differing(isNew ? differs : []);
};

/** The case that a message made, for its repetition. */
export const holderNoted = async (
  transaction: Transaction,
  of: MessageKey & { readonly visitId: string },
): Promise<Noted> => {
  const [found] = await transaction
    .rows(holderCaseTable)
    .find({ visitId: of.visitId, sourceMessageId: sourceMessageId(of) }, { countMax: 1 });
  return differing((found?.fields.split(',') ?? []) as HolderField[]);
};

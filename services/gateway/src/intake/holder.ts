import {
  careMomentOf,
  type Holder,
  type HolderField,
  type HolderFinding,
  type HolderPolicy,
  type InterfaceProfile,
  type Presence,
  visitIdOf,
} from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { type Fault, standingAt } from './fault';
import { holderCaseTable } from './holder-case.table';
import { type OpenedVisits, isOpening } from './opened-visits';
import type { Partners } from './partners';
import {
  type Credential,
  type Door,
  type MessageKey,
  sourceMessageId,
  type Submission,
} from './submission';
import { mayBeNewborn, mothersNames, newbornForm } from './newborn';
import { believed, presenceBy, presenceOf } from './presence';
import type { Presented } from './presented';
import { saysNothing } from './says-nothing';
import { isNoBirthDate, namesToCompare } from './unidentified';

const PLACES: Readonly<Record<Door, Readonly<Record<HolderFinding, string>>>> = {
  http: {
    ...{ name: '/holder/name', birthDate: '/holder/birthDate', sex: '/holder/sex' },
    newborn: '/holder',
  },
  mllp: { name: 'PID-5', birthDate: 'PID-7', sex: 'PID-8', newborn: 'PID-3' },
  bus: { name: '/personId', birthDate: '/personId', sex: '/personId', newborn: '/personId' },
};
const CREDENTIAL: Readonly<Record<Door, string>> = {
  http: '/credential/value',
  mllp: 'PID-3',
  bus: '/personId',
};
const OTHERWISE = {
  why: 'the person whom the credential leads to is registered otherwise',
  remedy: 'check whose credential it is; leave out what is a placeholder',
};
const NEWBORN = {
  why: "a newborn came under another's credential",
  remedy:
    'register the newborn with its guardian and open a visit of its own; until then charge it at ' +
    'the counter',
};

/** Where the sender finds what is not as registered. Never a value. */
export const holderFaults = (door: Door, fields: readonly HolderFinding[]): readonly Fault[] =>
  fields.map((field) => ({
    field: PLACES[door][field],
    code: 'IDENTITY_CONTRADICTS',
    ...(field === 'newborn' ? NEWBORN : OTHERWISE),
  }));

/** Engines fill PID-5 and PID-8 with placeholders; over HTTP a member is sent on purpose. */
const policyOf = (door: Door, { holder }: InterfaceProfile): HolderPolicy =>
  holder ?? (door === 'mllp' ? 'report' : 'refuse');

/** Whose visit it is, and what is wrong with the holder; empty for a message that names no one. */
export interface Holding {
  readonly personId?: string | undefined;
  /** How the person was present at an opening. */
  readonly presence?: Presence | undefined;
  readonly differs?: readonly HolderFinding[];
}

/**
 * Whose visit a message is about, and what of its holder is not as registered. Undefined for a
 * message that says nothing of a person. Throws CREDENTIAL_MISSING (invalid) for a bare personId,
 * IDENTITY_CONTRADICTS (unprocessable) for an opening
 * where the profile refuses it and for credentials of different persons, and what
 * `Partners.personOf` and `OpenedVisits.personOf` throw.
 */
export const whoseOf = async (
  submission: Submission,
  profile: InterfaceProfile,
  {
    partners,
    visits,
    presented,
    again = false,
  }: {
    readonly partners: Partners;
    readonly visits: OpenedVisits;
    readonly presented: Pick<Presented, 'check'>;
    /** What is remembered of a person will not do. */
    readonly again?: boolean;
  },
): Promise<Holding> => {
  const { person, door, institutionId } = submission;
  if (!person) return {};
  const policy = policyOf(door, profile);
  const holder = policy === 'ignore' ? undefined : comparable(submission.holder);
  const isFirst = isOpening(submission);
  if ('patientNumber' in person) {
    const personId = await visits.personOf({ ...submission, person }, profile);
    const differs =
      personId && holder
        ? await comparedIfThere(partners, personId, { holder, institutionId })
        : [];
    const isRegistered = registeredAs(partners, { personId, institutionId, isNeeded: false });
    return { personId, differs: await found(submission, holder, { differs, isRegistered }) };
  }
  // Of another report it is what the hospital says of the visit, and is held against its person.
  if ('personId' in person && !isFirst) return { personId: person.personId };
  const fresh = isFirst || again;
  const shown =
    'type' in person ? presenceBy(person) : await presented.check(institutionId, person.personId);
  const others = submission.otherCredentials ?? [];
  const use = visitIdOf(institutionId, submission.visitNumber);
  // Without a holder, too: an id that no person has opens no visit.
  const whose =
    'type' in person
      ? await partners
          .personOf(believed(person, profile), { fresh, holder, institutionId, use })
          .catch(standingAt(CREDENTIAL[door]))
      : {
          ...person,
          differs: await partners.compare(person.personId, holder ?? {}, institutionId),
        };
  for (const other of others) await checkOther(partners, other, { ...whose, fresh, institutionId });
  const isRegistered = registeredAs(partners, {
    personId: whose.personId,
    institutionId,
    isNeeded: isFirst,
  });
  const differs = await found(submission, holder, { differs: whose.differs, isRegistered });
  // Nothing of a newborn is put on another's line, whatever the profile says of clerks' slips.
  if (isFirst && (policy === 'refuse' ? differs.length > 0 : differs.includes('newborn')))
    throw new DomainError('IDENTITY_CONTRADICTS', 'unprocessable', {
      faults: holderFaults(door, differs),
    });
  // What was found when it was resolved counts for a personId.
  const presence = 'type' in person ? presenceOf(submission, shown, profile) : shown;
  return { ...whose, differs, presence };
};

/** A card that is not registered says nothing; another person's is a mix-up. */
const checkOther = async (
  partners: Partners,
  other: Credential,
  {
    personId,
    ...asking
  }: { readonly personId: string; readonly fresh: boolean; readonly institutionId: string },
): Promise<void> => {
  const owner = await partners.personOf(other, asking).catch((error) => {
    if (saysNothing(error)) return undefined;
    throw error;
  });
  if (owner && owner.personId !== personId)
    throw new DomainError('IDENTITY_CONTRADICTS', 'unprocessable', {
      field: 'PID-3',
      why: 'the identifiers are those of different persons',
      remedy: "check whose visit it is; send that person's identifiers alone",
    });
};
/** A charge is never refused, nor held up, for a holder who cannot be compared now. */
const comparedIfThere = (
  partners: Partners,
  personId: string,
  { holder, institutionId }: { readonly holder: Holder; readonly institutionId: string },
): Promise<readonly HolderField[]> =>
  partners.compare(personId, holder, institutionId).catch((error) => {
    if (error instanceof DomainError) return [];
    throw error;
  });

/** `isNeeded`: an opening waits for identity; no other message does. */
const registeredAs =
  (
    partners: Partners,
    {
      personId,
      institutionId,
      isNeeded,
    }: {
      readonly personId: string | undefined;
      readonly institutionId: string;
      readonly isNeeded: boolean;
    },
  ): IsRegistered =>
  async (names) => {
    if (personId === undefined) return false;
    const holder = { names: [...names] };
    const differs = await (isNeeded
      ? partners.compare(personId, holder, institutionId)
      : partners.compare(personId, holder, institutionId).catch((error) => {
          if (error instanceof DomainError) return ['name'] as const;
          throw error;
        }));
    return !differs.includes('name');
  };

/** What of a holder can be compared: no placeholder is a name or a birth date. */
const comparable = (holder: Holder | undefined): Holder | undefined => {
  if (!holder) return undefined;
  const { names = [], birthDate, sex } = holder;
  const compared = namesToCompare(names);
  const left = {
    ...(compared.length > 0 && { names: [...compared] }),
    ...(birthDate !== undefined && !isNoBirthDate(birthDate) && { birthDate }),
    ...(sex && { sex }),
  };
  return Object.keys(left).length > 0 ? left : undefined;
};

/** Asks which of some names is the registered one. */
type IsRegistered = (names: readonly string[]) => Promise<boolean>;

/**
 * What is wrong with a holder: the fields that differ, and whether it is a newborn under another's
 * number. HL7's PID-24 and PID-25 say nothing of that: a grown twin has them, too.
 */
const found = async (
  { facts, isMothers = false }: Submission,
  holder: Holder | undefined,
  { differs, isRegistered }: { differs: readonly HolderField[]; isRegistered: IsRegistered },
): Promise<readonly HolderFinding[]> => {
  const [fact] = facts;
  const atMs = fact ? Date.parse(careMomentOf(fact.type, fact)) : NaN;
  const isNewborn = isMothers || (await isNewbornIn(holder, { atMs, differs, isRegistered }));
  return isNewborn ? [...differs, 'newborn'] : differs;
};

/**
 * A newborn has a birth date of the last four weeks that is not the registered one, or a name that
 * is none of its own; see the rules of `newborn.ts`.
 */
const isNewbornIn = async (
  { names = [], birthDate }: Holder = {},
  {
    atMs,
    differs,
    isRegistered,
  }: { atMs: number; differs: readonly HolderField[]; isRegistered: IsRegistered },
): Promise<boolean> => {
  if (differs.includes('birthDate') && mayBeNewborn(birthDate!, atMs)) return true;
  if (!differs.includes('name')) return false;
  const form = newbornForm(names);
  if (form === 'sure' || (form === 'likely' && birthDate === undefined)) return true;
  const mothers = mothersNames(names);
  return mothers.length > 0 && (await isRegistered(mothers));
};

export interface Noted {
  /** What of the holder is not as registered, where this message said so first of its visit. */
  readonly holderDiffers?: readonly HolderFinding[];
}

/** As an answer has it: absent where nothing differs. */
export const differing = (fields: readonly HolderFinding[]): Noted =>
  fields.length > 0 ? { holderDiffers: fields } : {};

/** Notes a case of a visit; gives its fields where it is a new one, else none. */
export const noteHolder = async (
  transaction: Transaction,
  submission: Submission,
  { differs, at }: { readonly differs: readonly HolderFinding[]; readonly at: Date },
): Promise<Noted> => {
  if (differs.length === 0) return {};
  const isNew = await transaction.rows(holderCaseTable).insertIfAbsent({
    visitId: visitIdOf(submission.institutionId, submission.visitNumber),
    institutionId: submission.institutionId,
    fields: differs.join(','),
    sourceMessageId: sourceMessageId(submission),
    foundAt: at,
    status: 'open',
    closedAt: null,
    why: null,
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
  return differing((found?.fields.split(',') ?? []) as HolderFinding[]);
};

import { DomainError } from '@caretab/kernel';
import { booleanColumn, instantColumn, table, textColumn, type Transaction } from '@caretab/store';
import { eventTable } from './intake.table';

/** Two numbers of a hospital are one patient's: keyed hashes, as visits keep them. */
export interface MergedNumberRow {
  readonly formerHash: string;
  /** A number that was not itself merged into another when this was noted: chains have no circle. */
  readonly survivingHash: string;
  readonly institutionId: string;
  /** Whom the merge itself named by a credential; null where it named no one. */
  readonly personId: string | null;
  /** Whether anyone was known by one of the numbers; what says nothing of anyone is not kept for long. */
  readonly known: boolean;
  readonly mergedAt: Date;
}

export const mergedNumberTable = table<MergedNumberRow>({
  name: 'merged_number',
  columns: {
    formerHash: textColumn('former_hash', { primary: true }),
    survivingHash: textColumn('surviving_hash'),
    institutionId: textColumn('institution_id'),
    personId: textColumn('person_id', { nullable: true }),
    known: booleanColumn(),
    mergedAt: instantColumn('merged_at'),
  },
});

/** An institution's merges are noted one after the other: each holds this row. */
export interface MergeTurnRow {
  readonly institutionId: string;
}

export const mergeTurnTable = table<MergeTurnRow>({
  name: 'merge_turn',
  columns: { institutionId: textColumn('institution_id', { primary: true }) },
});

/** Numbers of one patient. More than these are no patient's: a placeholder was merged into. */
const NUMBERS_MAX = 100;

interface Numbers {
  readonly hashes: ReadonlySet<string>;
  readonly merges: readonly MergedNumberRow[];
}

/** All numbers that are one patient's with these: merged into them, or they into others, in any step. */
const togetherWith = async (
  transaction: Transaction,
  first: readonly string[],
): Promise<Numbers> => {
  const rows = transaction.rows(mergedNumberTable);
  const hashes = new Set(first);
  const merges = new Map<string, MergedNumberRow>();
  for (let next = first; next.length > 0 && hashes.size <= NUMBERS_MAX;) {
    const among = { in: next };
    const found = [
      ...(await rows.find({ formerHash: among })),
      ...(await rows.find({ survivingHash: among }, { countMax: NUMBERS_MAX + 1 })),
    ];
    for (const row of found) merges.set(row.formerHash, row);
    const named = found.flatMap(({ formerHash, survivingHash }) => [formerHash, survivingHash]);
    next = [...new Set(named)].filter((hash) => !hashes.has(hash));
    for (const hash of next) hashes.add(hash);
  }
  return { hashes, merges: [...merges.values()] };
};

/** Whether one of a person's visits under these numbers was opened, and not taken back since. */
const hasVisit = async (
  transaction: Transaction,
  hashes: readonly string[],
  personId: string,
): Promise<boolean> => {
  const events = transaction.rows(eventTable);
  const of = await events.group(
    { patientNumberHash: { in: hashes }, personId },
    { by: ['visitId'] },
  );
  const among = { visitId: { in: of.map(({ values: { visitId } }) => visitId) } };
  const opened = await events.group(
    { ...among, personId, type: 'VisitStarted' },
    { by: ['visitId'] },
  );
  const cancelled = await events.group(
    { ...among, type: 'VisitWithdrawn', fate: 'applied' },
    { by: ['visitId'] },
  );
  const gone = new Set(cancelled.map(({ values: { visitId } }) => visitId));
  return opened.some(({ values: { visitId } }) => !gone.has(visitId));
};

/**
 * Whose these numbers are, by the visits that were opened or reported under them and by the merges
 * themselves; two of them at most, since more say nothing else.
 */
const personsOf = async (
  transaction: Transaction,
  { hashes, merges }: Numbers,
): Promise<ReadonlySet<string>> => {
  const persons = new Set(merges.flatMap(({ personId }) => personId ?? []));
  const numbers = [...hashes];
  for (let after = ''; persons.size < 2;) {
    const [next] = await transaction
      .rows(eventTable)
      .find(
        { patientNumberHash: { in: numbers }, personId: { gt: after } },
        { orderBy: 'personId', countMax: 1 },
      );
    if (!next) break;
    after = next.personId!;
    if (await hasVisit(transaction, numbers, after)) persons.add(after);
  }
  return persons;
};

/** The numbers through which one leads to the one that stays, both included. */
const pathOf = (hash: string, { merges }: Numbers): readonly string[] => {
  const next = new Map(merges.map((row) => [row.formerHash, row.survivingHash]));
  const path = new Set<string>();
  // What was noted before merges had turns may lead back to where it came from.
  for (let at: string | undefined = hash; at !== undefined && !path.has(at); at = next.get(at))
    path.add(at);
  return [...path];
};

/** One number goes away, one stays; whom the message names by a credential, where it does. */
export interface NumberMerge {
  readonly formerHash: string;
  readonly survivingHash: string;
  readonly personId: string | undefined;
  /** It names someone who is not registered: none of those whose visits are here. */
  readonly isStranger: boolean;
  /** `MRG-1` and `PID-3`, as the sender finds them. */
  readonly fields: { readonly former: string; readonly surviving: string };
}

const checkPersons = (
  persons: ReadonlySet<string>,
  { personId, isStranger, fields }: NumberMerge,
): void => {
  if (persons.size > 1)
    throw new DomainError('PERSON_DIFFERS', 'conflict', {
      field: fields.former,
      why: 'the numbers, or those merged with them before, are known for different persons',
      remedy: 'check which visits belong to whom; cancel those that were opened for another person',
    });
  const isOther = isStranger || (personId !== undefined && !persons.has(personId));
  if (persons.size > 0 && isOther)
    throw new DomainError('IDENTITY_CONTRADICTS', 'unprocessable', {
      field: fields.surviving,
      why: 'the identifiers are not of the person whose visits are under these numbers',
      remedy: 'check whose numbers they are; send NI and HC of that patient, or none',
    });
};

const checkNumbers = (
  numbers: Numbers,
  { formerHash, survivingHash, fields }: NumberMerge,
): void => {
  if (pathOf(survivingHash, numbers).includes(formerHash))
    throw new DomainError('MERGE_CIRCULAR', 'conflict', {
      field: fields.surviving,
      why: 'the number that is to stay is the one that goes away, or was merged into it before',
      remedy: 'check which number stays; numbers that were merged need no merge back',
    });
  if (numbers.hashes.size > NUMBERS_MAX)
    throw new DomainError('FIELD_INVALID', 'invalid', {
      field: fields.surviving,
      why: `more than ${NUMBERS_MAX} numbers would be one patient's`,
      remedy: 'check whether the number that stays is a placeholder',
    });
};

/**
 * Notes that numbers of an institution were merged, each into the one that stays, in their order;
 * what is known changes nothing. One transaction of an institution at a time. Also numbers under
 * which nothing is known are noted: the visit may be opened meanwhile, or later. Throws
 * PERSON_DIFFERS (conflict) for numbers of different persons, in whatever step of the chain,
 * IDENTITY_CONTRADICTS (unprocessable) for a credential of another, MERGE_CIRCULAR (conflict), and
 * FIELD_INVALID (invalid): then nothing is noted.
 */
export const mergeNumbers = async (
  transaction: Transaction,
  merges: readonly NumberMerge[],
  { institutionId, mergedAt }: Pick<MergedNumberRow, 'institutionId' | 'mergedAt'>,
): Promise<void> => {
  const turns = transaction.rows(mergeTurnTable);
  await turns.insertIfAbsent({ institutionId });
  await turns.get({ institutionId }, { lock: 'wait' });
  for (const merge of merges) {
    const { formerHash, survivingHash, personId = null } = merge;
    const numbers = await togetherWith(transaction, [formerHash, survivingHash]);
    checkNumbers(numbers, merge);
    const persons = await personsOf(transaction, numbers);
    checkPersons(persons, merge);
    const [from, to] = [
      pathOf(formerHash, numbers).at(-1)!,
      pathOf(survivingHash, numbers).at(-1)!,
    ];
    const known = persons.size > 0 || personId !== null;
    const said = { institutionId, personId, known, mergedAt };
    const rows = transaction.rows(mergedNumberTable);
    if (from !== to) await rows.save({ formerHash: from, survivingHash: to, ...said });
    // Merged before, but now it says whose the numbers are.
    else if (persons.size === 0 && personId !== null)
      await rows.save({ ...numbers.merges[0]!, personId, known });
  }
};

/** Forgets what was noted of these numbers or of this person, and all that was merged with it. */
export const forgetMerges = async (
  transaction: Transaction,
  { hashes = [], personId }: { readonly hashes?: readonly string[]; readonly personId?: string },
): Promise<number> => {
  const rows = transaction.rows(mergedNumberTable);
  const named = personId === undefined ? [] : await rows.find({ personId });
  let forgotten = 0;
  for (let next = [...hashes, ...named.map(({ formerHash }) => formerHash)]; next.length > 0;) {
    const among = { in: next };
    const found = [
      ...(await rows.find({ formerHash: among })),
      ...(await rows.find({ survivingHash: among })),
    ];
    await rows.delete({ formerHash: among });
    await rows.delete({ survivingHash: among });
    forgotten += new Set(found.map(({ formerHash }) => formerHash)).size;
    next = [...new Set(found.flatMap((row) => [row.formerHash, row.survivingHash]))];
  }
  return forgotten;
};

const SWEEP_MAX = 200;

/** Forgets merges of before a time whose numbers no one was seen under since; returns how many. */
export const forgetUnknown = async (transaction: Transaction, before: Date): Promise<number> => {
  const rows = transaction.rows(mergedNumberTable);
  const found = await rows.find(
    { known: false, mergedAt: { lte: before } },
    { countMax: SWEEP_MAX, lock: 'skip' },
  );
  let forgotten = 0;
  for (const row of found) {
    const numbers = await togetherWith(transaction, [row.formerHash]);
    if ((await personsOf(transaction, numbers)).size > 0) await rows.save({ ...row, known: true });
    else {
      await rows.delete({ formerHash: row.formerHash });
      forgotten += 1;
    }
  }
  return forgotten;
};

/**
 * Whether a visit may be named by another number than its opening's: it was merged with one, and all
 * numbers of the chain are known for its person alone. A visit that was opened without a number may
 * be named by each that is not known for another person.
 */
export const isSamePatient = async (
  transaction: Transaction,
  given: string,
  start: { readonly hashes: readonly string[]; readonly personId: string | null },
): Promise<boolean> => {
  const numbers = await togetherWith(transaction, [given]);
  if (start.hashes.length > 0 && !start.hashes.some((hash) => numbers.hashes.has(hash)))
    return false;
  const persons = await personsOf(transaction, numbers);
  return [...persons].every((personId) => personId === start.personId);
};

import type { Transaction } from '@caretab/store';
import { mayLend } from '../enrolment/consent';
import { type SubjectRow, subjectTable } from '../enrolment/enrolment.table';
import { type BankLine, bankLineTable, type BankMatter } from './bank-line.table';

/** A person's lines are few: one for each bank that a policy ever named. */
const LINES_MAX = 100;

/** What of a bank's concern a person has taken back, as a whole; without the service all of it. */
export const revokedFor = (subject: SubjectRow | undefined): readonly BankMatter[] => [
  ...(mayLend(subject) ? [] : (['bank'] as const)),
  ...(subject?.revoked.includes('debit-mandate') ? (['debit-mandate'] as const) : []),
];

export const isSame = (one: readonly BankMatter[], other: readonly BankMatter[]): boolean =>
  one.join() === other.join();

/** Whether a bank that was asked about a person has to be informed; of one that is out, until it is. */
export const isUntold = (
  { orders, toldRevoked, outRevoked }: BankLine,
  revoked: readonly BankMatter[],
): boolean => orders > 0 && (outRevoked !== null || !isSame(toldRevoked, revoked));

/** Consents of a person have changed: the banks that know of them are informed, and lend no more without. */
export const inform = async (
  transaction: Transaction,
  personId: string,
  now: Date,
): Promise<void> => {
  const revoked = revokedFor(await transaction.rows(subjectTable).get({ personId }));
  const rows = transaction.rows(bankLineTable);
  const lines = await rows.find(
    { personId },
    { orderBy: 'lenderId', countMax: LINES_MAX, lock: 'wait' },
  );
  const untold = lines.filter((line) => isUntold(line, revoked));
  await rows.save(...untold.map((line) => toInform(line, revoked, now)));
};

/** A grant that is out counts no more. What the bank granted ends with the consent to it. */
const toInform = (line: BankLine, revoked: readonly BankMatter[], now: Date): BankLine => {
  const ends = revoked.includes('bank') && line.state !== 'refused';
  return {
    ...line,
    ...(ends && { state: 'ended', lineFen: 0, askedFen: 0 }),
    ...{ isOut: line.outRevoked !== null, attempts: 0, nextAttemptAt: now, lease: line.lease + 1 },
  };
};

/** An erasure: lines go, but for those whose bank has to be informed first. The subject is saved as erased. */
export const forgetLines = async (
  transaction: Transaction,
  personId: string,
  now: Date,
): Promise<void> => {
  await inform(transaction, personId, now);
  const revoked = revokedFor(await transaction.rows(subjectTable).get({ personId }));
  const rows = transaction.rows(bankLineTable);
  const lines = await rows.find({ personId }, { countMax: LINES_MAX });
  const told = lines.filter((line) => !isUntold(line, revoked)).map(({ lineId }) => lineId);
  if (told.length > 0) await rows.delete({ lineId: { in: told } });
};

import { derivedId } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { openCase } from '../case/open-case';
import type { StatementEntry } from '../channel/channel';
import { captureTable } from '../collection/order.table';
import type { Recorded } from '../journal/book-day';
import { accounts, post } from '../journal/journal';
import { reconciliationTable } from './reconciliation.table';
import { type StatementRow, statementRowTable } from './statement-row.table';

/** The channel's price; it moves no patient's money and needs no operator. */
export const FEE = 'fee';
/** Why the case of a chargeback is open. */
export const CHARGEBACK = 'CHARGEBACK';
/** Rows of one day that get a case; more are counted as differences and are not kept. */
const CASES_MAX = 1000;

/** What the channel keeps of the money that it owes, by kind of row, and where it is posted. */
const POSTED: Readonly<Record<string, string>> = {
  chargeback: accounts.chargebacks,
  [FEE]: accounts.fees,
};

const needsCase = ({ kind }: Pick<StatementEntry, 'kind'>): boolean => kind !== FEE;

/** The same row may be on a statement more than once: each has an id of its own. */
const withIds = (
  date: string,
  entries: readonly StatementEntry[],
): { readonly rowId: string; readonly entry: StatementEntry }[] => {
  const seen = new Map<string, number>();
  return entries.map((entry) => {
    const key = `${entry.kind} ${entry.id} ${entry.amountFen}`;
    const number = (seen.get(key) ?? 0) + 1;
    seen.set(key, number);
    return { rowId: derivedId('statement-row', date, key, String(number)), entry };
  });
};

/**
 * Keeps the rows of a day's statement that are neither capture nor refund, once each: chargebacks
 * and fees are posted, and all but fees get a case. Returns those that no operator has noted.
 */
export const keepRows = async (
  transaction: Transaction,
  date: string,
  { others, recorded }: { readonly others: readonly StatementEntry[]; readonly recorded: Recorded },
): Promise<readonly StatementEntry[]> => {
  const found = await transaction.rows(statementRowTable).find({ date });
  const known = new Map(found.map((row) => [row.rowId, row]));
  const open: StatementEntry[] = [];
  let casesLeft = CASES_MAX - found.filter(needsCase).length;
  for (const { rowId, entry } of withIds(date, others)) {
    const row = known.get(rowId);
    if (needsCase(entry) && !row?.notedAt) open.push(entry);
    if (row || (needsCase(entry) && (casesLeft -= 1) < 0)) continue;
    await keep(transaction, { rowId, date, ...entry }, recorded);
  }
  return open;
};

const keep = async (
  transaction: Transaction,
  found: Pick<StatementRow, 'rowId' | 'date' | 'kind' | 'id' | 'amountFen'>,
  recorded: Recorded,
): Promise<void> => {
  const { now } = recorded;
  const { rowId, date, kind, id, amountFen } = found;
  const capture = await transaction.rows(captureTable).get({ orderId: id });
  const account = (amountFen !== null && POSTED[kind]) || null;
  const visitId = capture?.visitId ?? null;
  const row: StatementRow = { ...found, visitId, account, keptAt: now, notedAt: null };
  if (!(await transaction.rows(statementRowTable).insertIfAbsent(row))) return;
  // Both take money, whichever sign the channel writes.
  const takenFen = Math.abs(amountFen ?? 0);
  if (account !== null) {
    const channel = accounts.channel(capture?.channel ?? 'acquirer');
    const changes = [
      { account, amountFen: takenFen },
      { account: channel, amountFen: -takenFen },
    ];
    await post(transaction, `statement/${rowId}`, changes, recorded);
  }
  if (!needsCase(row)) return;
  const reason = kind === 'chargeback' ? CHARGEBACK : 'STATEMENT_ROW_UNKNOWN';
  const seen = { kind, id, date };
  await openCase(
    transaction,
    {
      ...{ kind: 'statement-row', subjectId: rowId, visitId, amountFen: takenFen, reason },
      ...{ asked: seen, answered: amountFen === null ? null : { amountFen } },
    },
    now,
  );
};

/** Two operators ended a row's case: it is no difference of its day any more. */
export const noteRow = async (
  transaction: Transaction,
  rowId: string,
  now: Date,
): Promise<void> => {
  const rows = transaction.rows(statementRowTable);
  const row = await rows.get({ rowId });
  if (!row) return;
  await rows.save({ ...row, notedAt: now });
  const days = transaction.rows(reconciliationTable);
  const day = await days.get({ date: row.date }, { lock: 'wait' });
  if (!day || day.others === 0) return;
  const others = day.others - 1;
  const at = day.differences.findIndex(
    ({ what, kind, id, theirsFen }) =>
      what === 'other' && kind === row.kind && id === row.id && theirsFen === row.amountFen,
  );
  const isEven = day.onlyOurs + day.onlyTheirs + day.amountsDiffer + others === 0;
  await days.save({
    ...day,
    others,
    differences: at < 0 ? day.differences : day.differences.filter((_, index) => index !== at),
    differsSince: isEven ? null : day.differsSince,
  });
};

import type { Transaction } from '@caretab/store';
import type { ClearingRow, Party } from '../clearing/clearing.table';
import { openAmountOf } from '../clearing/payouts';
import type { Recorded } from '../journal/book-day';
import { accounts, type Change, post } from '../journal/journal';
import { type ClearingFlowRow, clearingFlowTable } from './clearing-flow.table';
import { addLine, type Judged, type Line, lockedClearing, unmatched } from './clearing-lines';

/** What sources write on what they pay: whose money it is, and of which clearing. */
const REFERENCE =
  /caretab\/(insurer|channel|funder|bank)\/([A-Za-z0-9._-]{1,60})\/(\d{4}-\d{2}-\d{2})/;

/** Money of a source: into the settlement account, or into a hospital's own. */
export const ofSource = async (
  transaction: Transaction,
  line: Line,
  recorded: Recorded,
): Promise<Judged | undefined> => {
  const [, party, partyId, businessDate] = REFERENCE.exec(line.remittance) ?? [];
  if (party === undefined || partyId === undefined)
    return line.institutionId === null ? unmatched('ENTRY_UNKNOWN') : undefined;
  const clearing = await lockedClearing(transaction, { businessDate: businessDate! });
  if (!clearing || clearing.progress !== null) return unmatched('CLEARING_UNKNOWN');
  const source = { party: party as Party, partyId };
  return line.institutionId === null
    ? intoSettlement(transaction, { line, clearing, source }, recorded)
    : intoHospital(transaction, { line, clearing, source }, recorded);
};

interface Remitted {
  readonly line: Line;
  readonly clearing: ClearingRow;
  readonly source: { readonly party: Party; readonly partyId: string };
}

const intoSettlement = async (
  transaction: Transaction,
  { line, clearing, source }: Remitted,
  recorded: Recorded,
): Promise<Judged> => {
  const { party, partyId } = source;
  const amountFen = line.amountFen!;
  // The money of an insurer goes to the hospital itself.
  if (party === 'insurer') return unmatched('INSURER_PAID_US');
  const openFen = await openAmountOf(transaction, clearing, source);
  if (-openFen < amountFen) return unmatched('REMITTANCE_EXCEEDS');
  await postBetween(
    transaction,
    line,
    [
      { account: accounts.bank, amountFen },
      { account: accounts.inPayout(party, partyId), amountFen: -amountFen },
    ],
    recorded,
  );
  const given = { line, now: recorded.now };
  await addLine(transaction, clearing, { ...source, amountFen: -amountFen }, given);
  return { meaning: 'remitted' };
};

const intoHospital = async (
  transaction: Transaction,
  { line, clearing, source }: Remitted,
  recorded: Recorded,
): Promise<Judged> => {
  const { clearingId } = clearing;
  const { party, partyId } = source;
  const institutionId = line.institutionId!;
  const amountFen = line.amountFen!;
  const flow = await transaction
    .rows(clearingFlowTable)
    .get({ clearingId, institutionId, party, partyId }, { lock: 'wait' });
  if (!flow || flow.way !== 'direct') return unmatched('REMITTANCE_UNKNOWN');
  const hospital = { party: 'institution', partyId: institutionId } as const;
  // An operator may have booked it by hand.
  const openFen = Math.min(
    flow.amountFen - flow.settledFen,
    await openAmountOf(transaction, clearing, hospital),
    -(await openAmountOf(transaction, clearing, source)),
  );
  if (openFen < amountFen) return unmatched('REMITTANCE_EXCEEDS');
  const settled: ClearingFlowRow = { ...flow, settledFen: flow.settledFen + amountFen };
  await transaction.rows(clearingFlowTable).save(settled);
  await postBetween(
    transaction,
    line,
    [
      { account: accounts.inPayout('institution', institutionId), amountFen },
      { account: accounts.inPayout(party, partyId), amountFen: -amountFen },
    ],
    recorded,
  );
  const given = { line, now: recorded.now };
  await addLine(transaction, clearing, { ...hospital, amountFen }, given);
  const after = await lockedClearing(transaction, { clearingId });
  await addLine(transaction, after!, { ...source, amountFen: -amountFen }, given);
  return { meaning: 'direct' };
};

const postBetween = (
  transaction: Transaction,
  line: Line,
  changes: readonly Change[],
  recorded: Recorded,
): Promise<void> => post(transaction, `bank-entry/${line.entryId}`, changes, recorded);

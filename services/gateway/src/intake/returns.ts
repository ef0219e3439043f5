import { careMomentOf, type CareTimeTolerances, precedes, visitIdOf } from '@caretab/contracts';
import { DomainError, formatDecimal, parseDecimal } from '@caretab/kernel';
import type { Transaction, Where } from '@caretab/store';
import { type EventRow, eventTable } from './intake.table';
import { isIdOfOther } from './return-id';
import type { Submission, SubmittedFact } from './submission';

type Return = Extract<SubmittedFact, { readonly type: 'ChargeReturned' }>;

/** Postings, and returns, of one charge that are read: a hospital may repeat them under other ids. */
const ROWS_MAX = 100;
/** Decimals of a quantity. */
const DECIMALS = 4;

type TabPart = Pick<
  EventRow,
  'chargeId' | 'quantity' | 'amountFen' | 'itemCode' | 'returnId' | 'dispensed'
>;
type Posted = Pick<EventRow, 'quantity' | 'amountFen' | 'itemCode' | 'dispensed' | 'happenedAt'>;

const NOTHING: TabPart = {
  ...{ chargeId: null, quantity: null, amountFen: null },
  ...{ itemCode: null, returnId: null, dispensed: null },
};

/** What the edge keeps of a charge and of its return. */
export const tabPartOf = (fact: SubmittedFact): TabPart => {
  if (fact.type === 'ChargePosted') {
    const { chargeId, quantity, amountFen, itemCode, dispensed = null } = fact.charge;
    return { ...NOTHING, chargeId, quantity, amountFen, itemCode, dispensed };
  }
  if (fact.type !== 'ChargeReturned') return NOTHING;
  const { returnId, chargeId, itemCode = null, quantity = null, amountFen = null } = fact;
  return { ...NOTHING, returnId, chargeId, itemCode, quantity, amountFen };
};

/**
 * Refuses a return that does not fit its charge, as far as the edge knows it: one that came by
 * another way, or long ago, is the ledger's to judge, and so is a return that follows one which is
 * not decided yet. Throws RETURN_CONFLICT, RETURN_ITEM_DIFFERS, RETURN_BEFORE_CHARGE, DRUG_DISPENSED,
 * RETURN_AMOUNT_DIFFERS, RETURN_EXCEEDS_CHARGE (conflict).
 */
export const checkReturns = async (
  transaction: Transaction,
  submission: Submission,
  tolerances: Pick<CareTimeTolerances, 'orderMs'>,
): Promise<void> => {
  const visitId = visitIdOf(submission.institutionId, submission.visitNumber);
  for (const [index, fact] of submission.facts.entries()) {
    if (fact.type !== 'ChargeReturned') continue;
    const ofCharge = { visitId, chargeId: fact.chargeId };
    const find = (where: Where<EventRow>): Promise<EventRow[]> =>
      transaction.rows(eventTable).find({ visitId, ...where }, { countMax: ROWS_MAX });
    const { returnId, chargeId } = fact;
    const returns = await find({ type: 'ChargeReturned', chargeId });
    const sameId = await find({ type: 'ChargeReturned', returnId });
    if (isIdOfOther(fact, [...returns, ...sameId]))
      throw refusal(submission, ofCharge, { index, unfit: 'id' });
    const posted = [
      ...(await find({ type: 'ChargePosted', chargeId })),
      ...submission.facts.filter(isPostingOf(fact)).map((posting) => ({
        ...tabPartOf(posting),
        happenedAt: careMomentOf(posting.type, posting),
      })),
    ];
    if (posted.length === 0) continue;
    const taken = [
      ...returns.filter(({ fate }) => fate === 'applied'),
      ...submission.facts.slice(0, index).filter(isReturnOf(fact)).map(tabPartOf),
    ];
    const unfit = unfitOf(fact, { posted, taken, orderMs: tolerances.orderMs });
    if (unfit) throw refusal(submission, ofCharge, { index, ...unfit });
  }
};

const isPostingOf =
  ({ chargeId }: Return) =>
  (fact: SubmittedFact): boolean =>
    fact.type === 'ChargePosted' && fact.charge.chargeId === chargeId;

const isReturnOf =
  ({ chargeId }: Return) =>
  (fact: SubmittedFact): boolean =>
    fact.type === 'ChargeReturned' && fact.chargeId === chargeId;

interface Known {
  /** Postings of the charge: it may have been repeated with other content. */
  readonly posted: readonly Posted[];
  /** Returns of it that were applied. */
  readonly taken: readonly TabPart[];
  readonly orderMs: number;
}

/** Why a return fits no posting of its charge; undefined for one that may fit. */
const unfitOf = (
  fact: Return,
  { posted, taken, orderMs }: Known,
): (Left & { readonly unfit: Unfit }) | undefined => {
  const { itemCode, quantity, amountFen, returnedAt } = fact;
  if (itemCode && posted.every((of) => of.itemCode !== null && of.itemCode !== itemCode))
    return { unfit: 'item' };
  if (posted.every((of) => of.happenedAt && precedes(returnedAt, of.happenedAt, orderMs)))
    return { unfit: 'time' };
  if (!fact.returnedToPharmacy && posted.every(({ dispensed }) => dispensed))
    return { unfit: 'drug' };
  if (amountFen === 0 && !quantity && posted.every((of) => (of.amountFen ?? 0) > 0))
    return { unfit: 'zero' };
  return excessOf(fact, posted, taken);
};

/** What is left of a charge at most, as far as the edge knows; undefined where it does not. */
interface Left {
  readonly leftFen?: number | undefined;
  readonly leftQuantity?: string | undefined;
}

const leftOf = (posted: readonly Posted[], before: readonly TabPart[]): Left => {
  const charged = posted.map((of) => scaled(of.quantity ?? '0'));
  const takenParts = before.map((one) => scaled(one.quantity ?? '0'));
  const parts = takenParts.reduce(
    (left, part) => left - part,
    charged.reduce((most, one) => (one > most ? one : most), 0n),
  );
  const chargedFen = Math.max(...posted.map((of) => of.amountFen ?? 0));
  const takenFen = before.reduce((sum, one) => sum + (one.amountFen ?? 0), 0);
  return {
    leftQuantity: formatDecimal(parts > 0n ? parts : 0n, DECIMALS),
    // The ledger prices what was returned by quantity alone.
    ...(before.every((one) => one.amountFen !== null) && {
      leftFen: Math.max(0, chargedFen - takenFen),
    }),
  };
};

/** By which of the two a return takes more than any posting of its charge has left. */
const excessOf = (
  { quantity, amountFen, returnId }: Return,
  posted: readonly Posted[],
  taken: readonly TabPart[],
): (Left & { readonly unfit: 'quantity' | 'amount' }) | undefined => {
  // The same return again takes nothing; of one that was accepted long ago the id is not known.
  const isCounted = taken.every((one) => one.returnId !== null && one.returnId !== returnId);
  const before = isCounted ? taken : [];
  const parts = before.map((one) => scaled(one.quantity ?? '0'));
  const count = parts.reduce((sum, part) => sum + part, scaled(quantity ?? '0'));
  if (quantity !== undefined && posted.every((of) => count > scaled(of.quantity ?? '0')))
    return { unfit: 'quantity', ...leftOf(posted, before) };
  const fen = before.reduce((sum, one) => sum + (one.amountFen ?? 0), amountFen ?? 0);
  // Each part by quantity may round by a fen.
  const rounded = before.filter((one) => one.quantity !== null).length;
  const roundedFen = rounded + (quantity === undefined ? 0 : before.length);
  const exceeds = (chargedFen: number): boolean =>
    amountFen !== undefined && (amountFen > chargedFen || fen - roundedFen > chargedFen);
  return posted.every((of) => exceeds(of.amountFen ?? 0))
    ? { unfit: 'amount', ...leftOf(posted, before) }
    : undefined;
};

const scaled = (quantity: string): bigint => parseDecimal(quantity, DECIMALS);

type Unfit = 'id' | 'item' | 'time' | 'drug' | 'zero' | 'quantity' | 'amount';

type ReturnFault =
  | 'RETURN_CONFLICT'
  | 'RETURN_ITEM_DIFFERS'
  | 'RETURN_BEFORE_CHARGE'
  | 'DRUG_DISPENSED'
  | 'RETURN_AMOUNT_DIFFERS'
  | 'RETURN_EXCEEDS_CHARGE';

const conflict = (reason: ReturnFault, details: Record<string, unknown>): DomainError =>
  new DomainError(reason, 'conflict', details);

interface Unfitting {
  readonly reason: ReturnFault;
  /** Of FT1, or a whole one of HL7; and of JSON. */
  readonly field: readonly [number | string, string];
  readonly why: string;
  /** Over HL7, and over HTTP. */
  readonly remedy: readonly [string, string];
}

const both = (remedy: string): readonly [string, string] => [remedy, remedy];

const EXCEEDS = {
  reason: 'RETURN_EXCEEDS_CHARGE',
  why: 'the return takes more than is left of its charge',
  remedy: both('return at most what was charged and not returned yet'),
} as const;

const UNFITTING: Readonly<Record<Unfit, Unfitting>> = {
  id: {
    reason: 'RETURN_CONFLICT',
    field: [2, '/returnId'],
    why: 'the id stands for another return of the visit: of another charge, quantity or amount',
    remedy: both('send this return under an id of its own'),
  },
  item: {
    reason: 'RETURN_ITEM_DIFFERS',
    field: [7, '/itemCode'],
    why: 'the charge is of another item',
    remedy: both('check which charge is returned, and send the item of that charge'),
  },
  time: {
    reason: 'RETURN_BEFORE_CHARGE',
    field: [4, '/returnedAt'],
    why: 'the return is of a time before its charge',
    remedy: both('check which charge is returned, and send the time of the return'),
  },
  drug: {
    reason: 'DRUG_DISPENSED',
    field: ['ORC-1', '/returnedToPharmacy'],
    why: 'the charge is a dispensed drug, and the return does not state that the pharmacy has it',
    remedy: [
      'once the pharmacy has the drug back, send an ORC after the FT1 with ORC-1 OC, CR, OD or DR',
      'once the pharmacy has the drug back, send the return with returnedToPharmacy: true',
    ],
  },
  zero: {
    reason: 'RETURN_AMOUNT_DIFFERS',
    field: [11, '/amountFen'],
    why: 'the return takes nothing',
    remedy: both('send the amount or the quantity that is taken back'),
  },
  quantity: { ...EXCEEDS, field: [10, '/quantity'] },
  amount: { ...EXCEEDS, field: [11, '/amountFen'] },
};

const leftText = ({ leftFen, leftQuantity }: Left): string[] => {
  const parts = [
    ...(leftQuantity === undefined ? [] : [`quantity ${leftQuantity}`]),
    ...(leftFen === undefined ? [] : [`${leftFen} fen`]),
  ];
  return parts.length > 0 ? [`at most ${parts.join(', ')}`] : [];
};

const refusal = (
  { door }: Submission,
  ofCharge: { readonly visitId: string; readonly chargeId: string },
  { index, unfit, ...left }: Left & { readonly index: number; readonly unfit: Unfit },
): DomainError => {
  const unfitting = UNFITTING[unfit];
  const why = [unfitting.why, ...leftText(left)].join(': ');
  const [hl7, json] = unfitting.field;
  const inHl7 = typeof hl7 === 'number' ? `FT1[${index + 1}]-${hl7}` : hl7;
  return conflict(unfitting.reason, {
    ...ofCharge,
    ...left,
    ...{ field: door === 'mllp' ? inHl7 : json, why },
    remedy: unfitting.remedy[door === 'mllp' ? 0 : 1],
  });
};

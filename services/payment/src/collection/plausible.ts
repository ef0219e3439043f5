import { DAY_MS } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { answeredOf } from '../channel/answer';
import type { Contradiction, PaymentOutcome } from '../channel/channel';
import {
  captureTable,
  type ChannelReferenceRow,
  channelReferenceTable,
  type OrderRow,
} from './order.table';

/**
 * How far the bank's clock and ours may be apart, in ms. A day: a clock that is an hour wrong, or
 * leaps by one, makes no case, and a moment that is days or years off cannot be booked.
 */
export const CLOCK_TOLERANCE_MS = DAY_MS;

/**
 * Why money cannot have moved `at`; undefined where it can. `since`: when it was asked for, by our
 * clock. A `since` that is ahead of `now` was stored by a clock that has been set back: then `now`
 * stands for it, so that the order is not in doubt for ever.
 */
export const momentFault = (
  at: Date,
  { since, now }: { readonly since: Date; readonly now: Date },
): 'MOMENT_TOO_EARLY' | 'MOMENT_AHEAD' | undefined => {
  const nowMs = now.getTime();
  if (at.getTime() < Math.min(since.getTime(), nowMs) - CLOCK_TOLERANCE_MS)
    return 'MOMENT_TOO_EARLY';
  return at.getTime() > nowMs + CLOCK_TOLERANCE_MS ? 'MOMENT_AHEAD' : undefined;
};

/** What a fault of a moment says to an operator who gave it, for a field of a request. */
export const whyOfMoment = {
  MOMENT_TOO_EARLY: 'is more than a day before the money was asked for: give the bank’s moment',
  MOMENT_AHEAD: 'is more than a day ahead of our clock: give the bank’s moment',
} as const;

/** REQUEST_INVALID (invalid), with the field that cannot be. */
export const fieldRefused = (field: string, why: string): DomainError =>
  new DomainError('REQUEST_INVALID', 'invalid', { faults: [{ field: `/${field}`, why }] });

/** The order that booked a reference; a process of the release before books without a claim. */
const bookedBy = async (
  transaction: Transaction,
  { channel, reference }: Omit<ChannelReferenceRow, 'orderId'>,
): Promise<readonly string[]> =>
  (await transaction.rows(captureTable).find({ channel, reference }, { countMax: 2 })).map(
    ({ orderId }) => orderId,
  );

/**
 * Claims the channel's reference for the capture of an order, which the same transaction books; false
 * where it stands for another order. Of two at the same moment, the second waits for the first.
 */
export const claimReference = async (
  transaction: Transaction,
  { orderId, channel }: Pick<OrderRow, 'orderId' | 'channel'>,
  reference: string,
): Promise<boolean> => {
  const key = { channel, reference };
  if ((await bookedBy(transaction, key)).some((other) => other !== orderId)) return false;
  const claims = transaction.rows(channelReferenceTable);
  const known = await claims.get(key);
  if (!known && (await claims.insertIfAbsent({ ...key, orderId }))) return true;
  return (known ?? (await claims.get(key)))?.orderId === orderId;
};

/**
 * As `claimReference` for each of them, in a few statements: when one is claimed afterwards, the
 * answer is in memory. Of two with one reference, the first has it.
 */
export const claimReferences = async (
  transaction: Transaction,
  wanted: readonly ChannelReferenceRow[],
): Promise<void> => {
  if (wanted.length === 0) return;
  await transaction.rows(captureTable).gather(
    'reference',
    wanted.map(({ reference }) => reference),
  );
  const free: ChannelReferenceRow[] = [];
  for (const claim of wanted)
    if ((await bookedBy(transaction, claim)).length === 0) free.push(claim);
  await transaction.rows(channelReferenceTable).insertAllAbsent(free);
};

/**
 * An outcome, held against what we know beside the order: a capture before the order was first sent
 * or ahead of our clock (`CLOCK_TOLERANCE_MS`), or by the reference of another order, is a
 * contradiction. The inquiries go on, and each answer is judged again. A capture that fits is to be
 * booked in the same transaction: its reference is claimed.
 */
export const plausible = async (
  transaction: Transaction,
  order: Pick<OrderRow, 'orderId' | 'channel' | 'startedAt'>,
  outcome: PaymentOutcome,
  now: Date,
): Promise<PaymentOutcome> => {
  if (outcome.status !== 'captured') return outcome;
  const { at, reference } = outcome;
  const fault =
    momentFault(at, { since: order.startedAt, now }) ??
    ((await claimReference(transaction, order, reference)) ? undefined : 'REFERENCE_OF_ANOTHER');
  return fault ? contradicted(fault, { ...outcome, capturedAt: at.toISOString() }) : outcome;
};

/** A clear answer that cannot be. */
export const contradicted = (reason: string, body: object): Contradiction => ({
  status: 'contradiction',
  reason,
  answered: answeredOf({ status: 200, body }),
});

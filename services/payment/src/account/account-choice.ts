import { businessDateOf } from '@caretab/contracts';
import { stream, type Transaction } from '@caretab/store';
import { orderTable } from '../collection/order.table';
import { type BoundAccountRow, boundAccountTable, type MandateTerms } from './bound-account.table';

/** The most that an account is debited where its person sets nothing: data/collection-policy.json. */
export interface AccountPolicy {
  /** Accounts of one person. */
  readonly countMax: number;
  readonly perPaymentFen: number;
  readonly perDayFen: number;
}

/** Where a region's file sets nothing. */
export const ACCOUNT_POLICY: AccountPolicy = {
  ...{ countMax: 5, perPaymentFen: 5_000_000, perDayFen: 10_000_000 },
};

/** Why none of a person's accounts may be debited for an amount. */
export type NoAccount = 'NO_BOUND_ACCOUNT' | 'CHANNEL_NOT_OPEN' | 'MANDATE_ENDED' | 'ACCOUNT_LIMIT';

/**
 * The accounts of people, each person's in the order in which they are debited. `lock`: until the end
 * of the transaction no other one debits them, so that limits of a day hold.
 */
export const accountsOf = async (
  transaction: Transaction,
  personIds: readonly string[],
  options: { readonly lock?: 'wait' } = {},
): Promise<ReadonlyMap<string, readonly BoundAccountRow[]>> => {
  const byPerson = new Map<string, BoundAccountRow[]>();
  if (personIds.length === 0) return byPerson;
  const where = { personId: { in: [...new Set(personIds)] } };
  for await (const rows of stream(transaction.rows(boundAccountTable), where, options))
    for (const row of rows)
      byPerson.set(row.personId, [...(byPerson.get(row.personId) ?? []), row]);
  for (const rows of byPerson.values()) rows.sort((one, other) => one.place - other.place);
  return byPerson;
};

/** The last moment before the day in China that `now` is in. */
const beforeToday = (now: Date): Date =>
  new Date(Date.parse(`${businessDateOf(now)}T00:00:00+08:00`) - 1);

/** What orders took of accounts today, or may have taken: those that are out count too. */
export const takenToday = async (
  transaction: Transaction,
  accountIds: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, number>> => {
  if (accountIds.length === 0) return new Map();
  const groups = await transaction.rows(orderTable).group(
    {
      accountId: { in: accountIds },
      startedAt: { gt: beforeToday(now) },
      status: { in: ['sending', 'captured', 'failed'] },
    },
    { by: ['accountId'], sum: ['amountFen'] },
  );
  return new Map(groups.map(({ values, sums }) => [values.accountId!, sums.amountFen]));
};

/** What an account's mandate permits, the person's own word or else the region's. */
export const limitsOf = (
  { perPaymentFen, perDayFen }: MandateTerms,
  policy: AccountPolicy,
): { readonly perPaymentFen: number; readonly perDayFen: number } => ({
  perPaymentFen: perPaymentFen ?? policy.perPaymentFen,
  perDayFen: perDayFen ?? policy.perDayFen,
});

export interface Choice {
  readonly amountFen: number;
  /** Attempts so far: each next one takes the next account that may be debited. */
  readonly attempts: number;
  readonly now: Date;
  readonly policy: AccountPolicy;
  readonly isOpen: (channel: string) => boolean;
  readonly taken: ReadonlyMap<string, number>;
}

/**
 * The account that an attempt debits: of those whose channel is open, whose mandate has not ended and
 * whose limits permit the amount, one after the other from attempt to attempt. Else why there is
 * none, of what is nearest to a debit.
 */
export const chosenAccount = (
  accounts: readonly BoundAccountRow[],
  { amountFen, attempts, now, policy, isOpen, taken }: Choice,
): BoundAccountRow | NoAccount => {
  if (accounts.length === 0) return 'NO_BOUND_ACCOUNT';
  const open = accounts.filter(({ channel }) => isOpen(channel));
  if (open.length === 0) return 'CHANNEL_NOT_OPEN';
  const today = businessDateOf(now);
  const valid = open.filter(({ until }) => until === null || until >= today);
  if (valid.length === 0) return 'MANDATE_ENDED';
  const within = valid.filter((account) => {
    const { perPaymentFen, perDayFen } = limitsOf(account, policy);
    return (
      amountFen <= perPaymentFen && (taken.get(account.accountId) ?? 0) + amountFen <= perDayFen
    );
  });
  return within[attempts % within.length] ?? 'ACCOUNT_LIMIT';
};

/** The automatic attempts at a due: each account of who pays is tried at least once. */
export const attemptsMaxOf = async (
  transaction: Transaction,
  personId: string,
  { attemptsMax }: { readonly attemptsMax: number },
): Promise<number> =>
  Math.max(attemptsMax, await transaction.rows(boundAccountTable).count({ personId }));

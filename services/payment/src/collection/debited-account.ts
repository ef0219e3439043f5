import type { Transaction } from '@caretab/store';
import { accountsOf, chosenAccount, type NoAccount, takenToday } from '../account/account-choice';
import type { BoundAccountRow } from '../account/bound-account.table';
import type { TokenVault } from '../account/token-vault';
import type { ChannelBook } from '../channel/channel-book';
import { RiskPast } from '../risk/risk-past';
import { holding, type RiskRules, windowsOf } from '../risk/risk-rules';
import { debited } from './attempts';
import type { CollectionRow } from './collection.table';
import type { OrderRow } from './order.table';
import { collectibleFen, isOffered } from './owed';
import type { CollectionPolicy } from './policy';

/** Whom to charge: the account that the citizen offered for this attempt, else a bound one. */
export interface Account {
  readonly channel: string;
  readonly token: string;
  readonly accountId: string | null;
}

/** The bound accounts of who is debited, and what was taken of each today. */
export interface Bound {
  readonly accounts: ReadonlyMap<string, readonly BoundAccountRow[]>;
  readonly taken: Map<string, number>;
  /** What orders did with each, as far back as rules of risk look. */
  readonly past: RiskPast;
}

/** Gathers and locks the accounts that these collections may debit. */
export const boundOf = async (
  transaction: Transaction,
  rows: readonly CollectionRow[],
  { now, risk }: { readonly now: Date; readonly risk: RiskRules },
): Promise<Bound> => {
  const accounts = await accountsOf(transaction, debited(rows), { lock: 'wait' });
  const ids = [...accounts.values()].flat().map(({ accountId }) => accountId);
  const taken = new Map(await takenToday(transaction, ids, now));
  const past = await RiskPast.of(transaction, ids, { windows: windowsOf(risk), now });
  return { accounts, taken, past };
};

/** Counts a fresh order towards the limit of its account's day, and for the rules of risk. */
export const takes = ({ taken, past }: Bound, { accountId, amountFen }: OrderRow): void => {
  if (accountId === null) return;
  taken.set(accountId, (taken.get(accountId) ?? 0) + amountFen);
  past.add(accountId, amountFen);
};

/** The rules that hold a debit; none of what the person offers, or staff released. */
export const holdingRules = (
  row: CollectionRow,
  { accountId }: Pick<Account, 'accountId'>,
  {
    bound: { accounts, past },
    now,
    risk,
  }: { readonly bound: Bound; readonly now: Date; readonly risk: RiskRules },
): readonly string[] => {
  const amountFen = collectibleFen(row);
  if (accountId === null || amountFen <= row.reviewedFen) return [];
  const account = accounts.get(row.accountPersonId)?.find((each) => each.accountId === accountId);
  return holding(risk, {
    amountFen,
    boundForMs: now.getTime() - (account?.boundAt ?? now).getTime(),
    past: (withinHours) => past.get(accountId, withinHours),
  });
};

/** The account that the next attempt debits, or why there is none. */
export const debitedAccount = (
  row: CollectionRow,
  {
    bound: { accounts, taken },
    now,
    parts: { vault, channels, policy },
  }: {
    readonly bound: Bound;
    readonly now: Date;
    readonly parts: {
      readonly vault: TokenVault;
      readonly channels: ChannelBook;
      readonly policy: CollectionPolicy;
    };
  },
): Account | NoAccount => {
  if (isOffered(row)) {
    const token = vault.open(row.offeredToken!, row.visitId);
    return { channel: row.offeredChannel!, token, accountId: null };
  }
  const account = chosenAccount(accounts.get(row.accountPersonId) ?? [], {
    ...{ amountFen: collectibleFen(row), attempts: row.attempts, now, taken },
    policy: policy.account,
    isOpen: (id) => channels.isOpen(id),
  });
  if (typeof account === 'string') return account;
  const { accountId, channel, sealedToken, personId } = account;
  return { channel, token: vault.open(sealedToken, personId), accountId };
};

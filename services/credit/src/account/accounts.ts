import { creditAccounts, message } from '@caretab/contracts';
import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction, Whose } from '@caretab/store';
import {
  type Account,
  availableFen,
  type Change,
  type Entry,
  type EntryKind,
  post,
} from './account';
import { accountTable, entryTable } from './account.table';

/** What caused a change: a message, or a request. */
export interface Cause {
  readonly id: string;
  /** RFC 3339, of a message. */
  readonly time?: string | undefined;
  readonly traceparent?: string | undefined;
}

export interface Summary {
  readonly accounts: number;
  readonly openAccounts: number;
  readonly frozenAccounts: number;
  readonly lineFen: number;
  readonly heldFen: number;
  readonly outstandingFen: number;
  readonly overLineFen: number;
}

/**
 * Lines of credit and their entries. Every change is made under the account's lock and recorded by
 * one entry.
 */
export class Accounts {
  constructor(private readonly parts: { readonly store: Store; readonly clock: Clock }) {}

  /** The account, locked until the transaction ends. */
  lock(transaction: Transaction, accountPersonId: string): Promise<Account | undefined> {
    return transaction.rows(accountTable).get({ accountPersonId }, { lock: 'wait' });
  }

  /**
   * The line that an account counts on, locked: the survivor's where its person is merged. Throws
   * MERGE_AWAITED (awaited) where a merge came in between.
   */
  async lockLine(transaction: Transaction, accountPersonId: string): Promise<Account | undefined> {
    const intoOf = async (): Promise<string | null | undefined> =>
      (await transaction.rows(accountTable).get({ accountPersonId }))?.mergedInto;
    const into = await intoOf();
    const line = await this.lock(transaction, into ?? accountPersonId);
    // Who merges or unmerges holds both accounts.
    if ((await intoOf()) !== into)
      throw new DomainError('MERGE_AWAITED', 'awaited', { field: '/accountPersonId' });
    return line;
  }

  /** Makes a change of an account that this transaction has locked. */
  async post(
    transaction: Transaction,
    account: Account,
    change: Change,
    causeId: string,
  ): Promise<Account> {
    const [after] = await this.postAll(transaction, [{ account, change, causeId }]);
    return after!;
  }

  /** Makes a change each of accounts that this transaction has locked. */
  async postAll(
    transaction: Transaction,
    changes: readonly {
      readonly account: Account;
      readonly change: Change;
      readonly causeId: string;
    }[],
  ): Promise<Account[]> {
    const at = this.parts.clock.now();
    const posted = changes.map(({ account, change, causeId }) =>
      post(account, change, { causeId, at }),
    );
    await transaction.rows(accountTable).save(...posted.map(({ account }) => account));
    await transaction.rows(entryTable).insert(...posted.map(({ entry }) => entry));
    return posted.map(({ account }) => account);
  }

  /**
   * Grants no new hold until unfrozen; holds that stand stay. The same reason again changes
   * nothing. Throws ACCOUNT_UNKNOWN (not-found), PERSON_MERGED, FROZEN_OTHERWISE (conflict).
   */
  freeze(accountPersonId: string, reason: string): Promise<void> {
    return this.parts.store.transact(async (transaction) => {
      const account = await this.known(transaction, accountPersonId);
      if (account.frozenReason === reason) return;
      if (account.frozenReason !== null)
        throw new DomainError('FROZEN_OTHERWISE', 'conflict', { reason: account.frozenReason });
      await this.setFrozen(transaction, account, reason);
    });
  }

  /** Grants holds again. Repeatable. Throws ACCOUNT_UNKNOWN (not-found), PERSON_MERGED (conflict). */
  unfreeze(accountPersonId: string): Promise<void> {
    return this.parts.store.transact(async (transaction) => {
      const account = await this.known(transaction, accountPersonId);
      if (account.frozenReason !== null) await this.setFrozen(transaction, account, null);
    });
  }

  /**
   * Freezes (a reason) or unfreezes (null) a locked account and says so. What a message causes is
   * the same event whenever the message is handled: a database restored from a copy does it again.
   */
  async setFrozen(
    transaction: Transaction,
    account: Account,
    reason: string | null,
    cause?: Cause,
  ): Promise<Account> {
    const at = this.parts.clock.now();
    const { accountPersonId: personId } = account;
    const type = reason === null ? 'AccountUnfrozen' : 'AccountFrozen';
    const since = cause?.time ?? at.toISOString();
    const occasion = cause ? [cause.id] : [String(account.entryCount + 1), since];
    const id = derivedId(type, personId, ...occasion);
    const options = { id, time: at, source: 'credit', causedBy: cause };
    transaction.publish(
      reason === null
        ? message(creditAccounts, 'AccountUnfrozen', { personId, unfrozenAt: since }, options)
        : message(creditAccounts, 'AccountFrozen', { personId, reason, frozenAt: since }, options),
    );
    return this.post(
      transaction,
      account,
      {
        kind: reason === null ? 'Unfrozen' : 'Frozen',
        note: reason ?? account.frozenReason ?? undefined,
        set: { frozenReason: reason },
      },
      cause?.id ?? id,
    );
  }

  /** Totals over all accounts, for the day's page. */
  summary(): Promise<Summary> {
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(accountTable);
      const groups = await rows.group(
        {},
        { by: ['status'], sum: ['lineFen', 'heldFen', 'outstandingFen', 'overLineFen'] },
      );
      const open = groups.find(({ values }) => values.status === 'open');
      const accounts = groups.reduce((total, { count }) => total + count, 0);
      const sum = (field: keyof (typeof groups)[number]['sums']): number =>
        groups.reduce((total, { sums }) => total + sums[field], 0);
      return {
        accounts,
        openAccounts: open?.count ?? 0,
        frozenAccounts: await rows.count({ frozenReason: { gt: '' } }),
        lineFen: open?.sums.lineFen ?? 0,
        heldFen: sum('heldFen'),
        outstandingFen: sum('outstandingFen'),
        overLineFen: sum('overLineFen'),
      };
    });
  }

  /** One page of an account's entries, newest first, from `before` (exclusive) down. */
  entries(
    transaction: Transaction,
    accountPersonId: string,
    before = Number.MAX_SAFE_INTEGER,
    countMax = 50,
  ): Promise<Entry[]> {
    return transaction
      .rows(entryTable)
      .find(
        { accountPersonId, sequence: { lte: before - 1 } },
        { orderBy: 'sequence', descending: true, countMax },
      );
  }

  /**
   * The line of a person at an instant that is over. Throws NOT_ENROLLED (not-found): there was none then;
   * REQUEST_INVALID (invalid).
   */
  lineAt(accountPersonId: string, at: Date, within?: readonly Whose[]) {
    if (at > this.parts.clock.now())
      throw new DomainError('REQUEST_INVALID', 'invalid', {
        faults: [{ field: '/at', why: 'is still to come: no one knows the line then' }],
      });
    const read = async (transaction: Transaction) => {
      const last = async (kinds?: readonly EntryKind[]): Promise<Entry | undefined> => {
        const where = { accountPersonId, recordedAt: { lte: at } };
        const [entry] = await transaction
          .rows(entryTable)
          .find(kinds ? { ...where, kind: { in: kinds } } : where, {
            ...{ orderBy: 'sequence', descending: true, countMax: 1 },
          });
        return entry;
      };
      const entry = await last();
      const set = await last(['Opened', 'LineSet']);
      const state = await last(['Opened', 'Closed']);
      const moved = await last(['MergedOut', 'UnmergedIn']);
      const froze = await last(['Frozen', 'Unfrozen']);
      if (!entry || !set || !state)
        throw new DomainError('NOT_ENROLLED', 'not-found', { personId: accountPersonId });
      return {
        ...{ accountPersonId, at, lineFen: entry.lineFen },
        status: statusAt(state, moved),
        frozenReason: froze?.kind === 'Frozen' ? froze.note : null,
        ...{ heldFen: entry.heldAfterFen, outstandingFen: entry.outstandingAfterFen },
        ...{ policyId: set.note ?? '', since: set.recordedAt },
      };
    };
    return this.parts.store.transact(read, { within });
  }

  private async known(transaction: Transaction, accountPersonId: string): Promise<Account> {
    const account = await this.lock(transaction, accountPersonId);
    if (!account)
      throw new DomainError('ACCOUNT_UNKNOWN', 'not-found', { personId: accountPersonId });
    if (account.mergedInto !== null) throw merged(accountPersonId, account.mergedInto);
    return account;
  }
}

/** Who is merged has no line: the survivor's is asked for. */
export const merged = (personId: string, survivorId: string): DomainError =>
  new DomainError('PERSON_MERGED', 'conflict', { personId, survivorId });

const statusAt = (state: Entry, moved: Entry | undefined): Account['status'] => {
  if (moved?.kind === 'MergedOut') return 'merged';
  return state.kind === 'Closed' ? 'closed' : 'open';
};

/** What a citizen or operator sees of an account. */
export const accountView = (account: Account) => ({
  accountPersonId: account.accountPersonId,
  status: account.status,
  frozenReason: account.frozenReason,
  score: account.score,
  policyId: account.policyId,
  lineFen: account.lineFen,
  heldFen: account.heldFen,
  outstandingFen: account.outstandingFen,
  availableFen: availableFen(account),
  overLineFen: account.overLineFen,
});

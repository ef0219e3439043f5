import { type Clock, derivedId } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { Account } from '../account/account';
import { accountTable } from '../account/account.table';
import type { Accounts } from '../account/accounts';
import { lineChanged } from './line-changed';
import type { BankLines } from '../lender/bank-lines';
import type { LinePolicies } from './line-policies';
import { lineFor, type LinePolicy } from './line-policy';
import { type LinePolicyRow, linePolicyTable } from './policy.table';

/** Lines of one transaction. */
const PAGE_LINES = 200;

/**
 * Open lines follow the policy that came into force: each once, a page in a transaction. A line says
 * which policy it follows, so what is left to do is found again after a crash. What is held or due
 * stays: where it is above the new line, no new hold is granted until it fits.
 */
export class PolicyRollout {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly accounts: Accounts;
      readonly policies: LinePolicies;
      readonly bankLines: BankLines;
      readonly pageLines?: number;
    },
  ) {}

  /** Returns how many lines followed; those that another transaction has locked come next time. */
  async runOnce(): Promise<number> {
    const { store, policies, pageLines = PAGE_LINES } = this.parts;
    await policies.refresh();
    return store.transact(async (transaction) => {
      const policy = await policies.inForceIn(transaction);
      const lines = await transaction
        .rows(accountTable)
        .find(
          { status: 'open', policyId: { in: policies.earlierThan(policy) } },
          { countMax: pageLines, lock: 'skip' },
        );
      if (lines.length > 0) await this.follow(transaction, lines, policy);
      return lines.length;
    });
  }

  private async follow(
    transaction: Transaction,
    lines: readonly Account[],
    policy: LinePolicy,
  ): Promise<void> {
    const { accounts } = this.parts;
    const at = this.parts.clock.now();
    const changes = lines.map((account) => {
      const { accountPersonId } = account;
      const line = lineFor(account.score, policy);
      const causeId = derivedId('LineChanged', accountPersonId, policy.version);
      return { account, line, causeId };
    });
    await accounts.postAll(
      transaction,
      changes.map(({ account, line, causeId }) => ({
        ...{ account, causeId },
        change: { kind: 'LineSet', note: policy.version, set: line },
      })),
    );
    const changed = changes.filter(({ account, line }) => account.lineFen !== line.lineFen);
    for (const { account, line, causeId } of changed)
      transaction.publish(
        lineChanged(account, { ...line, reason: 'POLICY_IN_FORCE' }, { causeId, time: at }),
      );
    for (const { accountPersonId } of lines)
      await this.parts.bankLines.want(transaction, accountPersonId);
    // Last, so that two processes wait for each other as short as can be.
    const row = await transaction
      .rows(linePolicyTable)
      .get({ version: policy.version }, { lock: 'wait' });
    const differences = changed.map(({ account, line }) => line.lineFen - account.lineFen);
    if (row) await transaction.rows(linePolicyTable).save(counted(row, lines.length, differences));
  }
}

const counted = (
  row: LinePolicyRow,
  count: number,
  differencesFen: readonly number[],
): LinePolicyRow => {
  const raised = differencesFen.filter((fen) => fen > 0);
  const lowered = differencesFen.filter((fen) => fen < 0);
  const sum = (fens: readonly number[]): number => fens.reduce((total, fen) => total + fen, 0);
  return {
    ...row,
    followedCount: row.followedCount + count,
    raisedCount: row.raisedCount + raised.length,
    raisedFen: row.raisedFen + sum(raised),
    loweredCount: row.loweredCount + lowered.length,
    loweredFen: row.loweredFen + sum(lowered),
  };
};

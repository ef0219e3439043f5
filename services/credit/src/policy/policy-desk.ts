import type { LinePolicyDocument } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction, Where } from '@caretab/store';
import type { Account } from '../account/account';
import { accountTable } from '../account/account.table';
import { aboveFen, type DryRun, dryRunOf } from './dry-run';
import type { LinePolicies } from './line-policies';
import { lineFor, policyOf } from './line-policy';
import { freshPolicy, type LinePolicyRow, linePolicyTable } from './policy.table';
import { policyFaults } from './policy-faults';
import { shownPolicy, type ShownPolicy } from './shown-policy';

const PAGE_POLICIES = 100;
/** Lines of one page of a dry run. */
const PAGE_LINES = 1000;

const USED_FIELDS = ['accountPersonId', 'score', 'heldFen', 'outstandingFen', 'lineFen'] as const;

const conflict = (
  code:
    'LINE_POLICY_NOT_TRIED' | 'LINE_POLICY_TOO_LATE' | 'LINE_POLICY_DAY_TAKEN' | 'LINE_POLICY_OVER',
  version: string,
): DomainError => new DomainError(code, 'conflict', { version });

/** Line policies from draft to approval. From their day on `PolicyRollout` has lines follow them. */
export class PolicyDesk {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly policies: LinePolicies;
      /** The city of this platform, by its code of GB/T 2260. */
      readonly region: string;
    },
  ) {}

  /**
   * Puts a draft; the same document again is the same draft. Throws LINE_POLICY_FLAWED,
   * LINE_POLICY_OF_OTHER_REGION (invalid).
   */
  async put(
    document: LinePolicyDocument,
    by: string,
  ): Promise<{ readonly policy: ShownPolicy; readonly created: boolean }> {
    const faults = policyFaults(document);
    if (faults.length > 0) throw new DomainError('LINE_POLICY_FLAWED', 'invalid', { faults });
    const { region } = this.parts;
    if (document.region !== region)
      throw new DomainError('LINE_POLICY_OF_OTHER_REGION', 'invalid', { field: '/region', region });
    const fresh = freshPolicy(policyOf(document), { by, at: this.parts.clock.now() });
    return this.parts.store.transact(async (transaction) => {
      const created = await transaction.rows(linePolicyTable).insertIfAbsent(fresh);
      const row = await known(transaction, fresh.version);
      return { policy: await this.shown(transaction, row), created };
    });
  }

  list(after?: string): Promise<{ readonly policies: ShownPolicy[]; readonly next?: string }> {
    return this.parts.store.transact(async (transaction) => {
      const { rows, next } = await transaction.rows(linePolicyTable).page(
        {},
        {
          countMax: PAGE_POLICIES,
          after: after === undefined ? undefined : { version: after },
        },
      );
      const inForce = await this.parts.policies.inForceIn(transaction);
      return {
        policies: rows.map((row) => shownPolicy(row, inForce)),
        ...(next && { next: next.version! }),
      };
    });
  }

  /** Throws LINE_POLICY_UNKNOWN (not-found). */
  show(
    version: string,
  ): Promise<{ readonly policy: ShownPolicy; readonly document: LinePolicyDocument }> {
    return this.parts.store.transact(async (transaction) => {
      const row = await known(transaction, version);
      return { policy: await this.shown(transaction, row), document: row.document };
    });
  }

  /**
   * What would change if the policy were in force now. Lines are added up by the database, and those
   * in use read in pages. Throws LINE_POLICY_UNKNOWN (not-found).
   */
  async dryRun(version: string): Promise<DryRun> {
    const { store } = this.parts;
    const ranAt = this.parts.clock.now();
    const { policy, counted } = await store.transact(async (transaction) => {
      const { document } = await known(transaction, version);
      const groups = await transaction
        .rows(accountTable)
        .group({ status: 'open' }, { by: ['score', 'lineFen'] });
      const lines = groups.map(({ values, count }) => ({ ...values, accounts: count }));
      return { policy: policyOf(document), counted: dryRunOf(policyOf(document), lines) };
    });
    const overLine = { accounts: 0, fen: 0 };
    for (const used of [{ heldFen: { gt: 0 } }, { heldFen: 0, outstandingFen: { gt: 0 } }])
      await this.eachPage({ status: 'open', ...used }, (lines) => {
        const above = lines.map((line) => aboveFen(policy, line)).filter((fen) => fen > 0);
        overLine.accounts += above.length;
        overLine.fen += above.reduce((sum, fen) => sum + fen, 0);
      });
    const dryRun = { ranAt, ...counted, overLine };
    await store.transact(async (transaction) => {
      const row = await known(transaction, version, 'wait');
      await transaction.rows(linePolicyTable).save({ ...row, dryRun });
    });
    return dryRun;
  }

  /** Whose line would change, of a page of the open ones. Throws LINE_POLICY_UNKNOWN (not-found). */
  changes(version: string, after?: string) {
    return this.parts.store.transact(async (transaction) => {
      const policy = policyOf((await known(transaction, version)).document);
      const { rows, next } = await transaction
        .rows(accountTable)
        .pageFields(USED_FIELDS, { status: 'open' }, pageAfter(after));
      const changes = rows.flatMap(
        ({ accountPersonId, score, lineFen, heldFen, outstandingFen }) => {
          const { lineFen: newLineFen } = lineFor(score, policy);
          const usedFen = heldFen + outstandingFen;
          return newLineFen === lineFen
            ? []
            : [{ accountPersonId, score, lineFen, newLineFen, usedFen }];
        },
      );
      return { changes, ...(next && { next: next.accountPersonId! }) };
    });
  }

  /**
   * Lets a draft come into force on its day. The same again changes nothing. Throws
   * LINE_POLICY_UNKNOWN (not-found); LINE_POLICY_NOT_TRIED, LINE_POLICY_TOO_LATE,
   * LINE_POLICY_DAY_TAKEN, LINE_POLICY_OVER (conflict).
   */
  approve(version: string, approvedBy: string): Promise<ShownPolicy> {
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(linePolicyTable);
      const row = await known(transaction, version, 'wait');
      if (row.state === 'approved') return this.shown(transaction, row);
      if (row.state === 'dropped') throw conflict('LINE_POLICY_OVER', version);
      if (row.dryRun === null) throw conflict('LINE_POLICY_NOT_TRIED', version);
      const { effectiveFrom } = row;
      if (effectiveFrom <= this.parts.policies.today())
        throw conflict('LINE_POLICY_TOO_LATE', version);
      if ((await rows.count({ state: 'approved', effectiveFrom })) > 0)
        throw conflict('LINE_POLICY_DAY_TAKEN', version);
      const approvedAt = this.parts.clock.now();
      const approved: LinePolicyRow = { ...row, state: 'approved', approvedBy, approvedAt };
      await rows.save(approved);
      return this.shown(transaction, approved);
    });
  }

  /** Throws LINE_POLICY_UNKNOWN (not-found), LINE_POLICY_OVER (conflict): it is in force. */
  drop(version: string, by: string): Promise<void> {
    return this.parts.store.transact(async (transaction) => {
      const row = await known(transaction, version, 'wait');
      if (row.state === 'dropped') return;
      if (row.state === 'approved' && row.effectiveFrom <= this.parts.policies.today())
        throw conflict('LINE_POLICY_OVER', version);
      const dropped = { droppedBy: by, droppedAt: this.parts.clock.now() };
      await transaction.rows(linePolicyTable).save({ ...row, state: 'dropped', ...dropped });
    });
  }

  private async shown(transaction: Transaction, row: LinePolicyRow): Promise<ShownPolicy> {
    const { policies } = this.parts;
    const inForce = await policies.inForceIn(transaction);
    const shown = shownPolicy(row, inForce);
    if (shown.state !== 'in-force') return shown;
    const policyId = { in: policies.earlierThan(inForce) };
    const waiting = await transaction.rows(accountTable).count({ status: 'open', policyId });
    return { ...shown, followed: { ...shown.followed, waiting } };
  }

  /** Reads open lines in pages, each in a transaction of its own. */
  private async eachPage(
    where: Where<Account>,
    look: (lines: readonly Pick<Account, (typeof USED_FIELDS)[number]>[]) => void,
  ): Promise<void> {
    let after: string | undefined;
    do {
      const { rows, next } = await this.parts.store.transact((transaction) =>
        transaction.rows(accountTable).pageFields(USED_FIELDS, where, pageAfter(after)),
      );
      look(rows);
      after = next?.accountPersonId;
    } while (after !== undefined);
  }
}

const pageAfter = (after: string | undefined) => ({
  countMax: PAGE_LINES,
  after: after === undefined ? undefined : { accountPersonId: after },
});

const known = async (
  transaction: Transaction,
  version: string,
  lock?: 'wait',
): Promise<LinePolicyRow> => {
  const row = await transaction.rows(linePolicyTable).get({ version }, lock && { lock });
  if (!row) throw new DomainError('LINE_POLICY_UNKNOWN', 'not-found', { version });
  return row;
};

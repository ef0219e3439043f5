import { assert, type Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import type { Logger } from '@caretab/telemetry';
import type { Degradation } from '@caretab/host';
import type { TokenVault } from '../account/token-vault';
import type { Bank } from './bank';
import { noteStatus } from './bank-reports';
import { contentOwnerOf, hashOf } from './payout-files';
import { type PayoutFileRow, payoutFileTable, payoutInstructionTable } from './payout-file.table';

/** Waits between two questions for a file whose outcome is not known; the last one repeats. */
const DELAYS_MS = [5_000, 30_000, 60_000, 300_000, 900_000] as const;
const FILES_MAX = 10;
/** So often no answer came: an operator should ask the bank. */
const DOUBTFUL_AFTER = 4;

/**
 * Sends what was released. A file without an answer is asked for by its id, and sent again only where
 * the bank says that it does not have it: the same bytes under the same id, which it carries out once.
 */
export class PayoutSender {
  private doubtful: readonly PayoutFileRow[] = [];

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly bank: Bank;
      readonly vault: TokenVault;
      readonly logger: Pick<Logger, 'info' | 'warn'>;
    },
  ) {}

  /** Returns how many files were sent or asked for. */
  async runOnce(): Promise<number> {
    const files = await this.claim();
    for (const file of files) await this.go(file);
    this.doubtful = await this.parts.store.transact((transaction) =>
      transaction
        .rows(payoutFileTable)
        .find(
          { status: 'sending', attempts: { gt: DOUBTFUL_AFTER } },
          { orderBy: 'preparedAt', countMax: FILES_MAX },
        ),
    );
    return files.length;
  }

  degradations(): readonly Degradation[] {
    return this.doubtful.map(({ messageId, releasedAt }) => ({
      what: `pay-out file ${messageId}`,
      why: 'the bank gives no answer about it: ask it; nothing of it is instructed again meanwhile',
      since: releasedAt!,
    }));
  }

  /** Takes what is due before it is sent: a crash leaves it in doubt, and never unsent. */
  private claim(): Promise<readonly PayoutFileRow[]> {
    const { store, clock } = this.parts;
    return store.transact(async (transaction) => {
      const rows = transaction.rows(payoutFileTable);
      const now = clock.now();
      const due = await rows.find(
        { status: { in: ['released', 'sending'] }, nextAttemptAt: { lte: now } },
        { orderBy: 'nextAttemptAt', countMax: FILES_MAX, lock: 'skip' },
      );
      const claimed = due.map((file): PayoutFileRow => {
        const delayMs = DELAYS_MS[Math.min(file.attempts, DELAYS_MS.length - 1)]!;
        const nextAttemptAt = new Date(now.getTime() + delayMs);
        return { ...file, status: 'sending', attempts: file.attempts + 1, nextAttemptAt };
      });
      await rows.save(...claimed);
      return due;
    });
  }

  private async go(file: PayoutFileRow): Promise<void> {
    const { bank, vault } = this.parts;
    const { messageId, contentHash, sealedContent, status } = file;
    if (status === 'sending') {
      const found = await bank.find(messageId);
      if (found.status === 'taken') return this.end(messageId, { status: 'taken' });
      if (found.status === 'no-answer') return;
    }
    const content = vault.open(sealedContent, contentOwnerOf(messageId));
    assert(hashOf(content) === contentHash, 'a file is sent as two persons released it');
    const sent = await bank.send({ messageId, content, contentHash });
    if (sent.status !== 'no-answer') await this.end(messageId, sent);
  }

  private end(
    messageId: string,
    outcome: { readonly status: 'taken' | 'refused'; readonly reason?: string },
  ): Promise<void> {
    const { store, clock, logger } = this.parts;
    const { status, reason = null } = outcome;
    return store.transact(async (transaction) => {
      const rows = transaction.rows(payoutFileTable);
      const file = await rows.get({ messageId }, { lock: 'wait' });
      // A status report may have come first.
      if (file?.status !== 'sending') return;
      await rows.save({ ...file, status, reason, nextAttemptAt: null });
      if (status === 'taken') return;
      logger.warn({ messageId, reason }, 'pay-out file refused by the bank');
      const instructions = await transaction
        .rows(payoutInstructionTable)
        .find({ messageId }, { lock: 'wait' });
      for (const instruction of instructions)
        await noteStatus(transaction, {
          ...{ instruction, now: clock.now() },
          status: { status: 'rejected', reason },
        });
    });
  }
}

import { createHash } from 'node:crypto';
import type { Store } from '@caretab/store';
import { assertionTable } from './assertion.table';

/** One in so many deletes what is too old: a flood of assertions is pruned as it comes. */
const PRUNES_EVERY = 16;

/** The assertions that were taken, by all processes of the issuer. */
export class AssertionsTaken {
  private count = 0;

  constructor(private readonly store: Store) {}

  /** Whether it is the first time; a process that asks at the same moment waits for the other. */
  take(
    issuer: string,
    jti: string,
    { now, goodUntil }: { readonly now: Date; readonly goodUntil: Date },
  ): Promise<boolean> {
    const prunes = this.count++ % PRUNES_EVERY === 0;
    const hash = createHash('sha256').update(jti).digest('base64url');
    return this.store.transact(async (transaction) => {
      const rows = transaction.rows(assertionTable);
      if (prunes) await rows.delete({ goodUntil: { lte: now } });
      return rows.insertIfAbsent({ issuer, jti: hash, goodUntil });
    });
  }
}

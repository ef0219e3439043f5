import type { MemoryDatabase } from '@caretab/store';
import { must, mustBeWholeFen } from './violation';

interface Sums {
  readonly heldFen: number;
  readonly outstandingFen: number;
}
interface Account extends Sums {
  readonly accountPersonId: string;
  readonly lineFen: number;
}
interface Hold extends Sums {
  readonly accountPersonId: string;
}
interface Entry extends Sums {
  readonly accountPersonId: string;
  readonly kind: string;
  readonly sequence: number;
  readonly lineFen: number;
}

const NOTHING: Sums & { readonly sequence: number } = {
  heldFen: 0,
  outstandingFen: 0,
  sequence: 0,
};

const COMES_OVER: ReadonlySet<string> = new Set(['MergedIn', 'UnmergedIn']);

/** Holds and dues against the line of each account, looked at after every commit. */
export class CreditLines {
  /** As they were at the last look. */
  private readonly before = new Map<string, typeof NOTHING>();

  /** Throws Violation. */
  look(database: MemoryDatabase): void {
    const holds = database.committed<Hold>('hold');
    const entries = database.committed<Entry>('entry');
    for (const account of database.committed<Account>('account')) {
      const { accountPersonId, lineFen, heldFen, outstandingFen } = account;
      const own = holds.filter((hold) => hold.accountPersonId === accountPersonId);
      const sum = (field: keyof Sums): number =>
        own.reduce((total, hold) => total + hold[field], 0);
      const before = this.before.get(accountPersonId) ?? NOTHING;
      const since = entries
        .filter((one) => one.accountPersonId === accountPersonId && one.sequence > before.sequence)
        .sort((one, other) => one.sequence - other.sequence);
      const summed = { heldFen: sum('heldFen'), outstandingFen: sum('outstandingFen') };
      for (const now of [account, summed])
        if (now.heldFen > before.heldFen && now.heldFen + now.outstandingFen > lineFen)
          must(explain(before, since, now), 'line', () => ({ account, own, since }));
      must(
        heldFen === summed.heldFen && outstandingFen === summed.outstandingFen,
        'heldAddsUp',
        () => ({ account, own }),
      );
      mustBeWholeFen(account, 'account');
      const { sequence } = since.at(-1) ?? before;
      this.before.set(accountPersonId, { heldFen, outstandingFen, sequence });
    }
  }
}

/**
 * One commit may grant a hold within the line, and then fix a due that goes above it: whether its
 * entries lead from what was to what is, and each hold was within the line when it was granted.
 */
const explain = (before: Sums, since: readonly Entry[], after: Sums): boolean => {
  let { heldFen, outstandingFen } = before;
  for (const entry of since) {
    heldFen += entry.heldFen;
    outstandingFen += entry.outstandingFen;
    // What comes over with a merge was granted on its own line.
    const isGrant = entry.heldFen > 0 && !COMES_OVER.has(entry.kind);
    if (isGrant && heldFen + outstandingFen > entry.lineFen) return false;
  }
  return heldFen === after.heldFen && outstandingFen === after.outstandingFen;
};

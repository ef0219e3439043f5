import type { Degradation } from '@caretab/host';
import type { Store } from '@caretab/store';
import type { Logger } from '@caretab/telemetry';
import { caseTable } from '../case/case.table';
import { OUTCOME_UNKNOWN } from './refund-outcome';

/** Cases that one look reads, the oldest first. */
const CASES_MAX = 1000;

/** What an operator's case of a refund is about, as `/health` calls it. */
const KINDS = {
  'refunds in doubt': 'have no outcome: ask the bank and declare the outcome with its evidence',
  'refunds owed': 'were not made by the bank: pay them back in another way',
} as const;
type Kind = keyof typeof KINDS;

const RUNBOOK = 'docs/runbooks/payment-cases.md';

interface Standing {
  readonly count: number;
  readonly since: Date;
}

/**
 * Money that is owed back and does not arrive by itself: the open cases of refunds. Read from the
 * rows, so that a restart forgets nothing. `/health` shows the last look.
 */
export class RefundWatch {
  private standing: ReadonlyMap<Kind, Standing> = new Map();

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly logger: Pick<Logger, 'warn' | 'info'>;
    },
  ) {}

  /** Returns 0: a job that has nothing more to do at once. */
  async look(): Promise<number> {
    const { logger } = this.parts;
    const before = this.standing;
    this.standing = await this.read();
    for (const [kind, { count, since }] of this.standing)
      if (!before.has(kind)) logger.warn({ count, since }, `${kind}: they wait for an operator`);
    for (const kind of before.keys())
      if (!this.standing.has(kind)) logger.info({}, `no ${kind} any more`);
    return 0;
  }

  degradations(): readonly Degradation[] {
    return [...this.standing].map(([what, { count, since }]) => ({
      what,
      why: `${count} ${KINDS[what]} (${RUNBOOK})`,
      since,
    }));
  }

  private read(): Promise<ReadonlyMap<Kind, Standing>> {
    return this.parts.store.transact(async (transaction) => {
      const open = await transaction
        .rows(caseTable)
        .find({ status: 'open', kind: 'refund' }, { orderBy: 'openedAt', countMax: CASES_MAX });
      const found = new Map<Kind, Standing>();
      for (const { reason, openedAt } of open) {
        const kind = reason === OUTCOME_UNKNOWN ? 'refunds in doubt' : 'refunds owed';
        const { count = 0, since = openedAt } = found.get(kind) ?? {};
        found.set(kind, { count: count + 1, since });
      }
      return found;
    });
  }
}

import type { Degradation } from '@caretab/host';
import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import type { Logger } from '@caretab/telemetry';
import { FAILING } from './metrics';
import { noticeTable } from './notice.table';

/** Webhooks that have not arrived for so long degrade `/health`. */
export const NOT_ARRIVED_MS = 5 * 60_000;
/** Receivers that one look names. */
const RECEIVERS_MAX = 20;

const REMEDY =
  'Check the hospital’s receiver and its webhookUrl; they are tried again by themselves, and at ' +
  'once when they are re-sent or the address is changed (docs/runbooks/webhooks.md)';

interface Standing {
  readonly count: number;
  readonly since: Date;
}

/**
 * Which hospitals’ webhooks do not arrive, and since when: read from the rows, so that a restart
 * forgets nothing. `/health` shows the last look.
 */
export class WebhookWatch {
  private standing: ReadonlyMap<string, Standing> = new Map();

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly logger: Pick<Logger, 'warn' | 'info'>;
    },
  ) {}

  /** Returns 0: a job that has nothing more to do at once. */
  async look(): Promise<number> {
    const { logger } = this.parts;
    const before = this.standing;
    this.standing = await this.read();
    for (const [institutionId, { count }] of this.standing)
      if (!before.has(institutionId))
        logger.warn({ institutionId, count }, `webhooks do not arrive: ${REMEDY}`);
    for (const institutionId of before.keys())
      if (!this.standing.has(institutionId))
        logger.info({ institutionId }, 'webhooks do not wait any more');
    return 0;
  }

  degradations(): readonly Degradation[] {
    return [...this.standing].map(([institutionId, { count, since }]) => ({
      what: `webhooks to ${institutionId}`,
      why: `${count} do not arrive. ${REMEDY}`,
      since,
    }));
  }

  private read(): Promise<ReadonlyMap<string, Standing>> {
    const { store, clock } = this.parts;
    const dueSince = { lte: new Date(clock.now().getTime() - NOT_ARRIVED_MS) };
    return store.transact(async (transaction) => {
      const notices = transaction.rows(noticeTable);
      const found = new Map<string, Standing>();
      for (const failing of FAILING) {
        const where = { ...failing, dueSince };
        const groups = await notices.group(where, { by: ['recipientId'], sum: [] });
        for (const { values, count } of groups.slice(0, RECEIVERS_MAX)) {
          const { recipientId } = values;
          const [first] = await notices.find(
            { ...where, recipientId },
            { orderBy: 'dueSince', countMax: 1 },
          );
          const known = found.get(recipientId);
          const since = first?.dueSince ?? clock.now();
          found.set(recipientId, {
            count: count + (known?.count ?? 0),
            since: known && known.since < since ? known.since : since,
          });
        }
      }
      return found;
    });
  }
}

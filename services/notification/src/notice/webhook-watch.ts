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

const REMEDY_GIVEN_UP =
  'They are not tried again by themselves: re-send them, or take the hospital’s webhookUrl away ' +
  'and re-send (docs/runbooks/webhooks.md)';

/** Webhooks that were given up after days, also those that the receiver refused. */
const GIVEN_UP = [{ channel: 'webhook', status: 'failed' }] as const;

interface Standing {
  readonly count: number;
  readonly since: Date;
}

/**
 * Which hospitals’ webhooks do not arrive or were given up, and since when: read from the rows, so that a restart
 * forgets nothing. `/health` shows the last look.
 */
export class WebhookWatch {
  private standing: ReadonlyMap<string, Standing> = new Map();
  private givenUp: ReadonlyMap<string, Standing> = new Map();

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly logger: Pick<Logger, 'warn' | 'info'>;
    },
  ) {}

  /** Returns 0: a job that has nothing more to do at once. */
  async look(): Promise<number> {
    const { logger, clock } = this.parts;
    const before = this.standing;
    const beforeGivenUp = this.givenUp;
    const nowMs = clock.now().getTime();
    this.standing = await this.read(FAILING, new Date(nowMs - NOT_ARRIVED_MS));
    this.givenUp = await this.read(GIVEN_UP, new Date(nowMs));
    for (const [institutionId, { count }] of this.standing)
      if (!before.has(institutionId))
        logger.warn({ institutionId, count }, `webhooks do not arrive: ${REMEDY}`);
    for (const [institutionId, { count }] of this.givenUp)
      if (!beforeGivenUp.has(institutionId))
        logger.warn({ institutionId, count }, `webhooks are given up: ${REMEDY_GIVEN_UP}`);
    for (const institutionId of before.keys())
      if (!this.standing.has(institutionId))
        logger.info({ institutionId }, 'webhooks do not wait any more');
    return 0;
  }

  degradations(): readonly Degradation[] {
    return [
      ...[...this.standing].map(([institutionId, { count, since }]) => ({
        what: `webhooks to ${institutionId}`,
        why: `${count} do not arrive. ${REMEDY}`,
        since,
      })),
      ...[...this.givenUp].map(([institutionId, { count, since }]) => ({
        what: `webhooks given up to ${institutionId}`,
        why: `${count} never arrived. ${REMEDY_GIVEN_UP}`,
        since,
      })),
    ];
  }

  /** The webhooks of these kinds that are due since before `until`, by their institution. */
  private read(
    kinds: typeof FAILING | typeof GIVEN_UP,
    until: Date,
  ): Promise<ReadonlyMap<string, Standing>> {
    const { store, clock } = this.parts;
    const dueSince = { lte: until };
    return store.transact(async (transaction) => {
      const notices = transaction.rows(noticeTable);
      const found = new Map<string, Standing>();
      for (const kind of kinds) {
        const where = { ...kind, dueSince };
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

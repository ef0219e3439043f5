import { createHmac } from 'node:crypto';
import { type Clock, DomainError } from '@caretab/kernel';
import {
  instantColumn,
  integerColumn,
  type Store,
  table,
  textColumn,
  type Transaction,
} from '@caretab/store';

/**
 * One webhook secret of an institution. The secret itself is derived and never stored. Without a
 * row, the institution has its first secret, version 0.
 */
export interface WebhookSecretRow {
  readonly institutionId: string;
  readonly version: number;
  /** When it stops signing; null: the present one. */
  readonly endsAt: Date | null;
}

export const webhookSecretTable = table<WebhookSecretRow>({
  name: 'webhook_secret',
  columns: {
    institutionId: textColumn('institution_id', { primary: true }),
    version: integerColumn('version', { primary: true }),
    endsAt: instantColumn('ends_at', { nullable: true }),
  },
});

/** Secrets that sign at the same time: the present one and those it replaced a short time ago. */
const IN_FORCE_MAX = 3;

/** HMAC-SHA-256 of the institution's id under the platform's key, in hex; of later ones with their version. */
const secretOf = (key: string, institutionId: string, version: number): string =>
  createHmac('sha256', key)
    .update(version === 0 ? institutionId : `${institutionId}/${version}`)
    .digest('hex');

/** The secrets that institutions verify webhooks with, which they renew themselves. */
export class WebhookSecrets {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly key: string;
      /** How long a secret that was replaced still signs. */
      readonly graceMs: number;
    },
  ) {}

  /** The secrets that sign now, by institution, the oldest first. */
  async inForce(
    transaction: Transaction,
    institutionIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const now = this.parts.clock.now();
    const rows =
      institutionIds.length === 0
        ? []
        : await transaction
            .rows(webhookSecretTable)
            .find({ institutionId: { in: institutionIds } }, { orderBy: 'version' });
    return new Map(
      institutionIds.map((institutionId) => {
        const own = rows.filter(
          (row) => row.institutionId === institutionId && (row.endsAt === null || row.endsAt > now),
        );
        const versions = own.length === 0 ? [0] : own.map(({ version }) => version);
        return [
          institutionId,
          versions.map((version) => secretOf(this.parts.key, institutionId, version)),
        ];
      }),
    );
  }

  /**
   * Makes a new secret. The one before signs beside it until `formerUntil`. Throws
   * WEBHOOK_SECRETS_TOO_MANY (conflict).
   */
  renew(institutionId: string): Promise<{ secret: string; formerUntil: Date }> {
    const { store, clock, key, graceMs } = this.parts;
    return store.transact(async (transaction) => {
      const secrets = transaction.rows(webhookSecretTable);
      // The first one is always there: its lock decides between two who renew at once.
      await secrets.insertIfAbsent({ institutionId, version: 0, endsAt: null });
      await secrets.get({ institutionId, version: 0 }, { lock: 'wait' });
      const now = clock.now();
      const known = await secrets.find({ institutionId }, { orderBy: 'version' });
      const isOver = ({ endsAt }: WebhookSecretRow): boolean => endsAt !== null && endsAt <= now;
      if (known.filter((row) => !isOver(row)).length >= IN_FORCE_MAX)
        throw new DomainError('WEBHOOK_SECRETS_TOO_MANY', 'conflict', {
          institutionId,
          why: `${IN_FORCE_MAX} secrets sign at the same time already`,
          remedy: 'use the newest one, or renew it once an older one has ended',
        });
      const { version } = known.at(-1)!;
      const formerUntil = new Date(now.getTime() + graceMs);
      await secrets.save(
        { institutionId, version, endsAt: formerUntil },
        { institutionId, version: version + 1, endsAt: null },
      );
      for (const row of known)
        if (row.version > 0 && isOver(row))
          await secrets.delete({ institutionId, version: row.version });
      return { secret: secretOf(key, institutionId, version + 1), formerUntil };
    });
  }
}

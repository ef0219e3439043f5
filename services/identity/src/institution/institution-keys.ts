import { DEFAULT_KEY_SCOPES, isKeyScope, type KeyScope } from '@caretab/contracts';
import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import { apiKeyHash, newApiKey } from '@caretab/security';
import type { Store, Transaction, Where } from '@caretab/store';
import { institutionTable } from './institution.table';
import { type InstitutionKeyRow, institutionKeyTable } from './institution-key.table';

const DAY_MS = 24 * 60 * 60 * 1000;
const MINUTE_MS = 60_000;
/** A year; a metric counts those that end within 30 days. */
const DEFAULT_DAYS = 365;
/** The one in use, and the next. */
const KEYS_MAX = 2;
/** A key that has ended is shown for so long, with its last use. */
const ENDED_KEPT_MS = 180 * DAY_MS;
/** Of one page of the list; more institutions than that have no platform of one process. */
const ROWS_MAX = 2_000;
/** Of a key as it is shown: `ctk_` and 24 of its 256 bits. */
const PREFIX_LENGTH = 8;

export interface KnownKey {
  readonly keyId: string;
  readonly institutionId: string;
  /** How it begins; absent of one that was made before this was kept. */
  readonly prefix?: string;
  readonly scopes: readonly KeyScope[];
  readonly madeAt: Date;
  readonly endsAt: Date;
  readonly endedAt?: Date;
  /** The last use, to the minute. */
  readonly usedAt?: Date;
}

export interface MadeKey {
  readonly apiKey: string;
  readonly keyId: string;
  readonly endsAt: Date;
}

export interface KeyDetails {
  /** What of a hospital's actions it is for; all where left out. */
  readonly scopes?: readonly KeyScope[] | undefined;
  /** Whole days until its end. */
  readonly days?: number | undefined;
}

const shown = (row: InstitutionKeyRow): KnownKey => ({
  ...{ keyId: row.keyId, institutionId: row.institutionId },
  ...(row.prefix !== null && { prefix: row.prefix }),
  ...{ scopes: row.scopes.filter(isKeyScope), madeAt: row.madeAt, endsAt: row.endsAt },
  ...(row.endedAt && { endedAt: row.endedAt }),
  ...(row.usedAt && { usedAt: row.usedAt }),
});

const takenKey = (institutionId: string): DomainError =>
  new DomainError('API_KEY_TAKEN', 'conflict', { institutionId });

/** The keys of institutions: stored as hashes, each shown once. */
export class InstitutionKeys {
  constructor(
    private readonly parts: {
      readonly store: Store;
      /** The machine's, as of tokens: the platform's may play another day. */
      readonly clock: Clock;
      readonly newKey?: (() => string) | undefined;
    },
  ) {}

  /**
   * Keys by institution, those that have ended too; `endingDays`: those alone that end within so many
   * days.
   */
  list({
    institutionId,
    endingDays,
  }: {
    readonly institutionId?: string | undefined;
    readonly endingDays?: number | undefined;
  }): Promise<KnownKey[]> {
    const where: Where<InstitutionKeyRow> = {
      ...(institutionId !== undefined && { institutionId }),
      ...(endingDays !== undefined && this.ending(endingDays)),
    };
    return this.parts.store.transact(async (transaction) => {
      const options = { orderBy: 'institutionId', countMax: ROWS_MAX } as const;
      const rows = await transaction.rows(institutionKeyTable).find(where, options);
      return rows
        .map(shown)
        .sort(
          (one, other) =>
            compare(one.institutionId, other.institutionId) ||
            one.madeAt.getTime() - other.madeAt.getTime(),
        );
    });
  }

  /** How many end within so many days. */
  countEnding(days: number): Promise<number> {
    return this.parts.store.transact((transaction) =>
      transaction.rows(institutionKeyTable).count(this.ending(days)),
    );
  }

  /**
   * Makes a further key, beside the one that is in use. Throws INSTITUTION_UNKNOWN (not-found),
   * API_KEYS_TOO_MANY (conflict).
   */
  issue(institutionId: string, details: KeyDetails): Promise<MadeKey> {
    const now = this.parts.clock.now();
    return this.parts.store.transact(async (transaction) => {
      await this.lock(transaction, institutionId);
      const rows = transaction.rows(institutionKeyTable);
      const known = await rows.find({ institutionId, endedAt: null, endsAt: { gt: now } });
      if (known.length >= KEYS_MAX)
        throw new DomainError('API_KEYS_TOO_MANY', 'conflict', {
          institutionId,
          remedy: 'end one of them first',
        });
      const old = new Date(now.getTime() - ENDED_KEPT_MS);
      await rows.delete({ institutionId, endsAt: { lte: old } });
      await rows.delete({ institutionId, endedAt: { lte: old } });
      return this.make(transaction, institutionId, details);
    });
  }

  /** The key ends now, with the tokens that it was used for. Throws API_KEY_UNKNOWN (not-found). */
  async end(institutionId: string, keyId: string): Promise<void> {
    const endedAt = this.parts.clock.now();
    await this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(institutionKeyTable);
      const row = await rows.get({ keyId, institutionId }, { lock: 'wait' });
      if (!row) throw new DomainError('API_KEY_UNKNOWN', 'not-found', { keyId });
      if (!row.endedAt) await rows.update({ keyId }, { endedAt });
    });
  }

  /** Ends all that there are, and makes one. Throws INSTITUTION_UNKNOWN (not-found). */
  replaceAll(institutionId: string): Promise<MadeKey> {
    return this.parts.store.transact(async (transaction) => {
      await this.lock(transaction, institutionId);
      return this.only(transaction, institutionId);
    });
  }

  /** As replaceAll, of an institution that is locked; `chosen`: the key, where a rehearsal chose it. */
  async only(transaction: Transaction, institutionId: string, chosen?: string): Promise<MadeKey> {
    const endedAt = this.parts.clock.now();
    await transaction
      .rows(institutionKeyTable)
      .update({ institutionId, endedAt: null }, { endedAt });
    return this.make(transaction, institutionId, {}, chosen);
  }

  /** Whether it is a key of the institution that has not ended. Throws API_KEY_TAKEN (conflict). */
  async isOf(transaction: Transaction, institutionId: string, apiKey: string): Promise<boolean> {
    const row = await this.rowOf(transaction, apiKey);
    if (row && row.institutionId !== institutionId) throw takenKey(institutionId);
    return row !== undefined && this.isGood(row);
  }

  /** The key that is presented, if it is one; its last use is kept to the minute. */
  async used(transaction: Transaction, apiKey: string): Promise<KnownKey | undefined> {
    const row = await this.rowOf(transaction, apiKey);
    if (!row || !this.isGood(row)) return undefined;
    const now = this.parts.clock.now();
    if (!row.usedAt || row.usedAt.getTime() <= now.getTime() - MINUTE_MS)
      await transaction.rows(institutionKeyTable).update({ keyId: row.keyId }, { usedAt: now });
    return shown(row);
  }

  /** Keys that ended in the last `lastMs`: tokens that they were used for before are void. */
  async voidFor(lastMs: number): Promise<{ readonly subject: string; readonly before: Date }[]> {
    const since = new Date(this.parts.clock.now().getTime() - lastMs);
    const rows = await this.parts.store.transact((transaction) =>
      transaction.rows(institutionKeyTable).find({ endedAt: { gt: since } }),
    );
    return rows.map(({ keyId, endedAt }) => ({ subject: keyId, before: endedAt! }));
  }

  private ending(days: number): Where<InstitutionKeyRow> {
    const until = new Date(this.parts.clock.now().getTime() + days * DAY_MS);
    return { endedAt: null, endsAt: { lte: until } };
  }

  private isGood({ endedAt, endsAt }: InstitutionKeyRow): boolean {
    return !endedAt && endsAt > this.parts.clock.now();
  }

  private rowOf(transaction: Transaction, apiKey: string): Promise<InstitutionKeyRow | undefined> {
    return transaction.rows(institutionKeyTable).get({ keyHash: apiKeyHash(apiKey) });
  }

  private async lock(transaction: Transaction, institutionId: string): Promise<void> {
    const known = await transaction.rows(institutionTable).get({ institutionId }, { lock: 'wait' });
    if (!known) throw new DomainError('INSTITUTION_UNKNOWN', 'not-found', { institutionId });
  }

  private async make(
    transaction: Transaction,
    institutionId: string,
    { scopes = DEFAULT_KEY_SCOPES, days = DEFAULT_DAYS }: KeyDetails,
    chosen?: string,
  ): Promise<MadeKey> {
    const apiKey = chosen ?? (this.parts.newKey ?? newApiKey)();
    const keyHash = apiKeyHash(apiKey);
    const madeAt = this.parts.clock.now();
    const endsAt = new Date(madeAt.getTime() + days * DAY_MS);
    const keyId = derivedId('ApiKey', institutionId, keyHash);
    const isFree = await transaction.rows(institutionKeyTable).insertIfAbsent({
      ...{ keyId, institutionId, keyHash, scopes, madeAt, endsAt, endedAt: null, usedAt: null },
      // A chosen one may be short: nothing of it is shown.
      prefix: chosen === undefined ? apiKey.slice(0, PREFIX_LENGTH) : null,
    });
    if (!isFree) throw takenKey(institutionId);
    return { apiKey, keyId, endsAt };
  }
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

import {
  type Frozen,
  identityInstitutions,
  type InterfaceProfile,
  mayIgnore,
  message,
} from '@caretab/contracts';
import { type Clock, contentHash, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { apiKeyHash, newApiKey } from '@caretab/security';
import { type HospitalLevel, type InstitutionRow, institutionTable } from './institution.table';

export interface InstitutionDetails {
  readonly name: string;
  readonly level: HospitalLevel;
  readonly webhookUrl?: string;
  /** MSH-4 of its HL7 messages; its own id when left out. */
  readonly facility?: string;
  /** Its API key, where it is given from outside; otherwise one is made. */
  readonly apiKey?: string;
  /** How it speaks; what holds for all where left out. */
  readonly interface?: Frozen<InterfaceProfile>;
  /** The other person who approved what it is known by or reached at. */
  readonly approvedBy?: string | undefined;
}

export interface KnownInstitution {
  readonly institutionId: string;
  readonly name: string;
  readonly level: HospitalLevel;
  readonly interface?: InterfaceProfile;
}

/** What others need of the profile: when visits end and are settled. */
const endRulesOf = ({ interface: profile }: InstitutionRow) => {
  const { graceMs, lateCharge, outpatientEnd, emergencyEnd } = profile;
  return {
    ...(graceMs !== undefined && { graceMs }),
    ...(lateCharge && { lateCharge }),
    ...(outpatientEnd && { outpatientEnd }),
    ...(emergencyEnd && { emergencyEnd }),
  };
};

/** What says something of a visit or of money must not be lost in silence. */
const checkIgnored = (messageTypes: readonly string[]): void => {
  const faults = messageTypes.flatMap((messageType, index) =>
    mayIgnore(messageType)
      ? []
      : {
          field: `/interface/ignoredMessages/${index}`,
          why: 'messages of this type say something of a visit or of money, and must not be lost',
          remedy: 'leave it out; what is wrong with such messages is answered to their sender',
        },
  );
  if (faults.length > 0) throw new DomainError('MESSAGE_TYPE_NEEDED', 'invalid', { faults });
};

/** Beyond the pattern of the schema: `http://[::1` begins as a URL does. */
const checkWebhook = (webhookUrl: string | undefined): void => {
  if (webhookUrl === undefined || URL.canParse(webhookUrl)) return;
  throw new DomainError('REQUEST_INVALID', 'invalid', {
    faults: [
      {
        field: '/webhookUrl',
        why: 'this is no URL',
        remedy: 'send http:// or https:// and a host',
      },
    ],
  });
};

/** Whether another could pass as it, or get what is for it. */
const isRebound = (known: InstitutionRow, row: InstitutionRow): boolean =>
  (['apiKeyHash', 'facility', 'webhookUrl'] as const).some((field) => known[field] !== row[field]);

/** Institutions of one page of the list. */
const PAGE_ROWS = 1000;

const shown = ({
  institutionId,
  name,
  level,
  interface: profile,
}: InstitutionRow): KnownInstitution => ({
  institutionId,
  name,
  level,
  ...(Object.keys(profile).length > 0 && { interface: profile }),
});

/** Institutions and what they authenticate with. A key is shown once and stored as a hash. */
export class Institutions {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly newKey?: () => string;
    },
  ) {}

  /**
   * Registers an institution or brings its details up to date; `apiKey` is answered only when one
   * was made now. The same details again change nothing. Throws FACILITY_TAKEN, API_KEY_TAKEN,
   * APPROVAL_NEEDED (conflict), MESSAGE_TYPE_NEEDED, REQUEST_INVALID (invalid).
   */
  async put(
    institutionId: string,
    details: InstitutionDetails,
  ): Promise<KnownInstitution & { apiKey?: string; created: boolean }> {
    checkIgnored(details.interface?.ignoredMessages ?? []);
    checkWebhook(details.webhookUrl);
    const now = this.parts.clock.now();
    return this.parts.store.transact(async (transaction) => {
      const known = await transaction
        .rows(institutionTable)
        .get({ institutionId }, { lock: 'wait' });
      const made = known || details.apiKey !== undefined ? undefined : this.newKey();
      const given = details.apiKey ?? made;
      const row: InstitutionRow = {
        institutionId,
        name: details.name,
        level: details.level,
        webhookUrl: details.webhookUrl ?? null,
        facility: details.facility ?? institutionId,
        apiKeyHash: given === undefined ? known!.apiKeyHash : apiKeyHash(given),
        interface: (details.interface ?? {}) as InterfaceProfile,
        registeredAt: known?.registeredAt ?? now,
      };
      if (known && details.approvedBy === undefined && isRebound(known, row))
        throw new DomainError('APPROVAL_NEEDED', 'conflict', { institutionId });
      await this.save(transaction, row, known, now);
      return { ...shown(row), created: !known, ...(made !== undefined && { apiKey: made }) };
    });
  }

  /** Makes a new key and ends the old one. Throws INSTITUTION_UNKNOWN (not-found). */
  async renewKey(institutionId: string): Promise<{ apiKey: string }> {
    const apiKey = this.newKey();
    await this.parts.store.transact(async (transaction) => {
      const known = await transaction
        .rows(institutionTable)
        .get({ institutionId }, { lock: 'wait' });
      if (!known) throw new DomainError('INSTITUTION_UNKNOWN', 'not-found', { institutionId });
      await transaction.rows(institutionTable).save({ ...known, apiKeyHash: apiKeyHash(apiKey) });
    });
    return { apiKey };
  }

  /**
   * Whose API key, HL7 facility or id this is. Throws INSTITUTION_UNKNOWN (not-found), never with
   * the key.
   */
  async authenticate(
    by:
      | { readonly apiKey: string }
      | { readonly facility: string }
      | { readonly institutionId: string },
  ): Promise<KnownInstitution> {
    const where = 'apiKey' in by ? { apiKeyHash: apiKeyHash(by.apiKey) } : by;
    const row = await this.parts.store.transact((transaction) =>
      transaction.rows(institutionTable).get(where),
    );
    if (!row)
      throw new DomainError('INSTITUTION_UNKNOWN', 'not-found', {
        by: Object.keys(by)[0],
      });
    return shown(row);
  }

  /** One page of them, by id, from `after` (exclusive) on. */
  async list(after?: string): Promise<KnownInstitution[]> {
    const { rows } = await this.parts.store.transact((transaction) =>
      transaction.rows(institutionTable).page(
        {},
        {
          countMax: PAGE_ROWS,
          after: after === undefined ? undefined : { institutionId: after },
        },
      ),
    );
    return rows.map(shown);
  }

  private newKey(): string {
    return (this.parts.newKey ?? newApiKey)();
  }

  private async save(
    transaction: Transaction,
    row: InstitutionRow,
    known: InstitutionRow | undefined,
    now: Date,
  ): Promise<void> {
    const { institutionId, name, level, webhookUrl } = row;
    const rules = endRulesOf(row);
    const holds = async (
      where: { facility: string | null } | { apiKeyHash: string },
    ): Promise<boolean> =>
      ((await transaction.rows(institutionTable).get(where))?.institutionId ?? institutionId) !==
      institutionId;
    if (await holds({ facility: row.facility }))
      throw new DomainError('FACILITY_TAKEN', 'conflict', { institutionId });
    if (await holds({ apiKeyHash: row.apiKeyHash }))
      throw new DomainError('API_KEY_TAKEN', 'conflict', { institutionId });
    await transaction.rows(institutionTable).save(row);
    const isPublished =
      known &&
      known.name === name &&
      known.level === level &&
      known.webhookUrl === webhookUrl &&
      contentHash(endRulesOf(known)) === contentHash(rules);
    if (isPublished) return;
    const data = {
      institutionId,
      name,
      level,
      ...(webhookUrl !== null && { webhookUrl }),
      ...rules,
      registeredAt: now.toISOString(),
    };
    transaction.publish(
      message(identityInstitutions, 'InstitutionRegistered', data, {
        id: derivedId('InstitutionRegistered', institutionId, now.toISOString()),
        time: now,
        source: 'identity',
      }),
    );
  }
}

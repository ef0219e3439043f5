import {
  type Frozen,
  identityInstitutions,
  type InterfaceProfile,
  type KeyScope,
  mayIgnore,
  message,
} from '@caretab/contracts';
import { type Clock, contentHash, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { InstitutionKeys } from './institution-keys';
import { type HospitalLevel, type InstitutionRow, institutionTable } from './institution.table';

export interface InstitutionDetails {
  readonly name: string;
  readonly level: HospitalLevel;
  readonly webhookUrl?: string;
  /** MSH-4 of its HL7 messages; its own id when left out. */
  readonly facility?: string;
  /** Its API key, where a rehearsal chooses it; otherwise one is made. */
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

/** By what it is believed: who speaks for it over HL7, who was present, and what the centre said. */
const believedBy = ({
  interface: { hl7, presence, presenceReaders, entitlement },
}: InstitutionRow) => contentHash({ hl7, presence, presenceReaders, entitlement });

/** Whether another could pass as it, get what is for it, or have it believed for more. */
const isRebound = (known: InstitutionRow, row: InstitutionRow): boolean =>
  (['facility', 'webhookUrl'] as const).some((field) => known[field] !== row[field]) ||
  believedBy(known) !== believedBy(row);

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

/** Institutions: what they are called by, and how they speak. */
export class Institutions {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly keys: InstitutionKeys;
      /** Whether keys may be chosen by who registers: in rehearsals. */
      readonly takesChosenKeys?: boolean | undefined;
    },
  ) {}

  /**
   * Registers an institution or brings its details up to date; `apiKey` is answered only when one
   * was made now. The same details again change nothing. Throws FACILITY_TAKEN, API_KEY_TAKEN,
   * APPROVAL_NEEDED (conflict), API_KEY_CHOSEN, MESSAGE_TYPE_NEEDED, REQUEST_INVALID (invalid).
   */
  async put(
    institutionId: string,
    details: InstitutionDetails,
  ): Promise<KnownInstitution & { apiKey?: string; created: boolean }> {
    checkIgnored(details.interface?.ignoredMessages ?? []);
    checkWebhook(details.webhookUrl);
    const { apiKey: chosen, approvedBy } = details;
    const { keys } = this.parts;
    if (chosen !== undefined && !this.parts.takesChosenKeys)
      throw new DomainError('API_KEY_CHOSEN', 'invalid', { field: '/apiKey' });
    const now = this.parts.clock.now();
    return this.parts.store.transact(async (transaction) => {
      const known = await transaction
        .rows(institutionTable)
        .get({ institutionId }, { lock: 'wait' });
      const row: InstitutionRow = {
        institutionId,
        name: details.name,
        level: details.level,
        webhookUrl: details.webhookUrl ?? null,
        facility: details.facility ?? institutionId,
        interface: (details.interface ?? {}) as InterfaceProfile,
        registeredAt: known?.registeredAt ?? now,
      };
      const getsKey = chosen
        ? !(await keys.isOf(transaction, institutionId, chosen))
        : known === undefined;
      if (known && approvedBy === undefined && (getsKey || isRebound(known, row)))
        throw new DomainError('APPROVAL_NEEDED', 'conflict', { institutionId });
      await this.save(transaction, row, known, now);
      const made = getsKey && (await keys.only(transaction, institutionId, chosen));
      return {
        ...{ ...shown(row), created: !known },
        ...(made && chosen === undefined && { apiKey: made.apiKey }),
      };
    });
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
  ): Promise<KnownInstitution & { readonly scopes?: readonly KeyScope[] }> {
    const { row, key } = await this.parts.store.transact(async (transaction) => {
      const key = 'apiKey' in by ? await this.parts.keys.used(transaction, by.apiKey) : undefined;
      const where = 'apiKey' in by ? key && { institutionId: key.institutionId } : by;
      return { row: where && (await transaction.rows(institutionTable).get(where)), key };
    });
    if (!row)
      throw new DomainError('INSTITUTION_UNKNOWN', 'not-found', {
        by: Object.keys(by)[0],
      });
    return { ...shown(row), ...(key && { scopes: key.scopes }) };
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

  private async save(
    transaction: Transaction,
    row: InstitutionRow,
    known: InstitutionRow | undefined,
    now: Date,
  ): Promise<void> {
    const { institutionId, name, level, webhookUrl } = row;
    const rules = endRulesOf(row);
    const { facility } = row;
    const holder = await transaction.rows(institutionTable).get({ facility });
    if (holder && holder.institutionId !== institutionId)
      throw new DomainError('FACILITY_TAKEN', 'conflict', { institutionId });
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

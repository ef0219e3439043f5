import { betterPresence, DAY_MS, type Presence } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import { instantColumn, type Store, table, textColumn, type Transaction } from '@caretab/store';

/** A person whose credential an institution showed. */
export interface PresentedRow {
  readonly institutionId: string;
  readonly personId: string;
  readonly presentedAt: Date;
  /** The best way in which the person was present within the day. */
  readonly presence: Presence;
}

export const presentedTable = table<PresentedRow>({
  name: 'presented_person',
  columns: {
    institutionId: textColumn('institution_id', { primary: true }),
    personId: textColumn('person_id', { primary: true }),
    presentedAt: instantColumn('presented_at'),
    presence: textColumn(),
  },
});

const VALID_MS = DAY_MS;

/**
 * Who was shown to a hospital by a credential. A personId alone proves no presence: hospitals and
 * insurers read it in events, and it never changes.
 */
export class Presented {
  constructor(private readonly parts: { readonly store: Store; readonly clock: Clock }) {}

  /** The institution showed a credential of this person. */
  note(institutionId: string, personId: string, presence: Presence): Promise<void> {
    const presentedAt = this.parts.clock.now();
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(presentedTable);
      const known = await rows.get({ ...this.ofToday(institutionId, personId) }, { lock: 'wait' });
      const best = known ? betterPresence(known.presence, presence) : presence;
      await rows.save({ institutionId, personId, presentedAt, presence: best });
    });
  }

  /**
   * How the person was present. Throws CREDENTIAL_MISSING (invalid) where no credential was shown
   * within a day.
   */
  async check(institutionId: string, personId: string): Promise<Presence> {
    const known = await this.parts.store.transact((transaction) =>
      transaction.rows(presentedTable).get(this.ofToday(institutionId, personId)),
    );
    if (known) return known.presence;
    throw new DomainError('CREDENTIAL_MISSING', 'invalid', {
      field: '/personId',
      why: 'no credential of this person was shown by this institution within a day',
      remedy: 'send the credential, or resolve it first (POST /v1/persons/resolve)',
    });
  }

  private ofToday(institutionId: string, personId: string) {
    const since = new Date(this.parts.clock.now().getTime() - VALID_MS);
    return { institutionId, personId, presentedAt: { gt: since } };
  }
}

/** Those whose day is over. */
export const forgetPresented = (transaction: Transaction, now: Date): Promise<unknown> =>
  transaction
    .rows(presentedTable)
    .delete({ presentedAt: { lte: new Date(now.getTime() - VALID_MS) } });

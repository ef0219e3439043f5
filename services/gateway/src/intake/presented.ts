import { DAY_MS } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import { instantColumn, type Store, table, textColumn, type Transaction } from '@caretab/store';

/** A person whose credential an institution showed. */
export interface PresentedRow {
  readonly institutionId: string;
  readonly personId: string;
  readonly presentedAt: Date;
}

export const presentedTable = table<PresentedRow>({
  name: 'presented_person',
  columns: {
    institutionId: textColumn('institution_id', { primary: true }),
    personId: textColumn('person_id', { primary: true }),
    presentedAt: instantColumn('presented_at'),
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
  note(institutionId: string, personId: string): Promise<void> {
    const { store, clock } = this.parts;
    const presentedAt = clock.now();
    return store.transact((transaction) =>
      transaction.rows(presentedTable).save({ institutionId, personId, presentedAt }),
    );
  }

  /** Throws CREDENTIAL_MISSING (invalid) where it showed none within a day. */
  async check(institutionId: string, personId: string): Promise<void> {
    const { store, clock } = this.parts;
    const since = new Date(clock.now().getTime() - VALID_MS);
    const known = await store.transact((transaction) =>
      transaction.rows(presentedTable).get({ institutionId, personId, presentedAt: { gt: since } }),
    );
    if (known) return;
    throw new DomainError('CREDENTIAL_MISSING', 'invalid', {
      field: '/personId',
      why: 'no credential of this person was shown by this institution within a day',
      remedy: 'send the credential, or resolve it first (POST /v1/persons/resolve)',
    });
  }
}

/** Those whose day is over. */
export const forgetPresented = (transaction: Transaction, now: Date): Promise<unknown> =>
  transaction
    .rows(presentedTable)
    .delete({ presentedAt: { lte: new Date(now.getTime() - VALID_MS) } });

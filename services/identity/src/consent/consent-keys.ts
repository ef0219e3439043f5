import type { Subject } from '@caretab/access';
import type { ConsentKey, ConsentKeyAlgorithm } from '@caretab/contracts';
import { type Clock, DomainError, type Ids } from '@caretab/kernel';
import type { Store, Whose } from '@caretab/store';
import { assertAlive } from '../death/standing';
import type { Persons } from '../person/persons';
import { type ConsentKeyRow, consentKeyTable } from './consent-key.table';
import { type ConsentSignatures, keyNotValid } from './consent-signatures';

/** Of one person: that are good, and ever. */
const GOOD_MAX = 5;
const EVER_MAX = 100;

/** Keys by which citizens sign what they agree to. */
export class ConsentKeys {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly ids: Ids;
      readonly persons: Persons;
      readonly signatures: ConsentSignatures;
    },
  ) {}

  /**
   * The same key again is the same. Throws PERSON_UNKNOWN (not-found), ERASURE_UNDER_WAY, PERSON_DIED,
   * CONSENT_KEYS_TOO_MANY, CONSENT_SIGNATURE_OLD (conflict), CONSENT_SIGNATURE_WRONG (invalid),
   * CONSENT_KEY_NOT_VALID (forbidden: revoked, or another person's).
   */
  async register(
    personId: string,
    given: {
      readonly algorithm: ConsentKeyAlgorithm;
      readonly publicKey: string;
      readonly proof: { readonly signedAt: string; readonly value: string };
    },
  ): Promise<ConsentKey> {
    const { store, clock, ids, persons, signatures } = this.parts;
    const { algorithm, publicKey } = given;
    signatures.assertProven({ personId, ...given });
    return store.transact(async (transaction) => {
      await persons.row(transaction, personId, 'wait');
      await persons.assertNotErased(transaction, personId);
      await assertAlive(transaction, personId);
      const rows = transaction.rows(consentKeyTable);
      const known = await rows.get({ publicKey });
      if (known) return shown(assertOwn(known, personId));
      const good = await rows.count({ personId, revokedAt: null });
      if (good >= GOOD_MAX || (await rows.count({ personId })) >= EVER_MAX)
        throw new DomainError('CONSENT_KEYS_TOO_MANY', 'conflict', {
          why: `a citizen has at most ${GOOD_MAX} keys that are good`,
          remedy: 'revoke one that is not used any more',
        });
      const fresh = { publicKey, keyId: `k-${ids.next()}`, personId, algorithm };
      const row = { ...fresh, registeredAt: clock.now(), revokedAt: null };
      if (await rows.insertIfAbsent(row)) return shown(row);
      throw notTheirs();
    });
  }

  /** The latest first. */
  async list(personId: string, within?: readonly Whose[]): Promise<{ keys: ConsentKey[] }> {
    const rows = await this.parts.store.transact(
      (transaction) =>
        transaction
          .rows(consentKeyTable)
          .find({ personId }, { orderBy: 'registeredAt', descending: true, countMax: EVER_MAX }),
      { within },
    );
    return { keys: rows.map(shown) };
  }

  /**
   * It signs nothing from now on; again changes nothing. Throws PAPER_NEEDED (invalid) of staff,
   * PERSON_UNKNOWN (not-found), CONSENT_KEY_NOT_VALID (forbidden: not this person's).
   */
  async revoke(
    personId: string,
    keyId: string,
    { subject, paper }: { readonly subject: Subject; readonly paper: string | undefined },
  ): Promise<void> {
    const { store, clock, persons } = this.parts;
    if (subject.roles.some(({ kind }) => kind === 'Desk') && paper === undefined)
      throw new DomainError('PAPER_NEEDED', 'invalid', { field: '/paper' });
    return store.transact(async (transaction) => {
      await persons.row(transaction, personId, 'wait');
      const rows = transaction.rows(consentKeyTable);
      const [row] = await rows.find({ personId, keyId }, { countMax: 1 });
      if (!row) throw keyNotValid('/keyId', 'it is no key of this person');
      if (row.revokedAt === null) await rows.save({ ...row, revokedAt: clock.now() });
    });
  }
}

const notTheirs = (): DomainError =>
  keyNotValid('/publicKey', 'the key was registered for another person');

const assertOwn = (row: ConsentKeyRow, personId: string): ConsentKeyRow => {
  if (row.personId !== personId) throw notTheirs();
  if (row.revokedAt !== null) throw keyNotValid('/publicKey', 'the key was revoked');
  return row;
};

const shown = ({ revokedAt, keyId, algorithm, publicKey, registeredAt }: ConsentKeyRow) => ({
  ...{ keyId, algorithm, publicKey, registeredAt },
  ...(revokedAt && { revokedAt }),
});

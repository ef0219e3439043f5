import type { Clock } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { UNDER_WAY } from '../activation/activation-state';
import { activationTable } from '../activation/activation.table';
import { consentKeyTable } from '../consent/consent-key.table';
import { guardianshipTable } from '../guardianship/guardianship.table';
import { forgetMerges } from '../merge/forget-merges';
import { destroyIndexOf } from '../master-index/destroyed';
import { personalDataDestroyed } from '../person/person-messages';
import { identifierTable, personKeyTable, personTable } from '../person/person.table';
import type { CardRows } from '../card/card-rows';
import type { Persons } from '../person/persons';
import type { Vault } from '../person/vault';
import { type DestroyedRows, erasedPersonTable, type ErasureRow } from './erasure.table';

/** Identifiers of one person that an event names. */
const INDEXES_MAX = 100;

/** Destroys what identity has of a person. */
export class Destruction {
  constructor(
    private readonly parts: {
      readonly clock: Clock;
      readonly persons: Persons;
      readonly vault: Pick<Vault, 'registryIndexOf'>;
      readonly cards: Pick<CardRows, 'destroy'>;
    },
  ) {}

  /**
   * Destroys a person's key, sealed data and indexes for good; what was said under the personId
   * elsewhere stays true. What recognises the person later is kept until `keptUntil`. The caller
   * holds the person's row. Returns what was destroyed here.
   */
  async destroy(
    transaction: Transaction,
    { personId, erasureId }: Pick<ErasureRow, 'personId' | 'erasureId'>,
    keptUntil: Date,
  ): Promise<readonly DestroyedRows[]> {
    const { clock, persons, vault } = this.parts;
    const now = clock.now();
    const person = await persons.row(transaction, personId);
    // Whom records of the index alone know has no number that was proved.
    if (person.sealed) {
      const { idNumber } = await persons.read(transaction, personId);
      const registryIndex = vault.registryIndexOf(idNumber);
      await transaction
        .rows(erasedPersonTable)
        .save({ registryIndex, personId, erasedAt: now, keptUntil });
    }
    const cards = await this.parts.cards.destroy(transaction, personId);
    const consentKeys = transaction.rows(consentKeyTable);
    const keys = await consentKeys.count({ personId });
    if (keys > 0) await consentKeys.delete({ personId });
    const ofIndex = await destroyIndexOf(transaction, personId, now);
    await transaction.rows(personKeyTable).delete({ personId });
    const identifiers = await transaction.rows(identifierTable).find({ personId });
    await transaction.rows(identifierTable).delete({ personId });
    const guardianships = transaction.rows(guardianshipTable);
    const links =
      (await guardianships.count({ personId })) +
      (await guardianships.count({ guardianId: personId }));
    await guardianships.delete({ personId });
    await guardianships.delete({ guardianId: personId });
    const activations = transaction.rows(activationTable);
    const underWay = await activations.count({ holderId: personId, status: { in: UNDER_WAY } });
    if (underWay > 0) await activations.delete({ holderId: personId, status: { in: UNDER_WAY } });
    await forgetMerges(transaction, personId, now);
    const gone = { ...person, sealed: null, destroyedAt: now, mergedInto: null };
    await transaction.rows(personTable).save(gone);
    const blindIndexes = identifiers.map(({ blindIndex }) => blindIndex).slice(0, INDEXES_MAX);
    transaction.publish(personalDataDestroyed({ personId, erasureId, blindIndexes }, now));
    return [
      { service: 'identity', table: 'person', rows: 1 },
      { service: 'identity', table: 'person_key', rows: 1 },
      { service: 'identity', table: 'identifier', rows: identifiers.length },
      { service: 'identity', table: 'guardianship', rows: links },
      ...(underWay > 0 ? [{ service: 'identity', table: 'activation', rows: underWay }] : []),
      ...(keys > 0 ? [{ service: 'identity', table: 'consent_key', rows: keys }] : []),
      ...(cards > 0 ? [{ service: 'identity', table: 'card', rows: cards }] : []),
      ...ofIndex,
    ];
  }
}

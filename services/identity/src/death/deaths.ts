import { identityPersons, message } from '@caretab/contracts';
import { assert, type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { ended, UNDER_WAY } from '../activation/activation-state';
import { activationTable } from '../activation/activation.table';
import type { CardMoves, Died } from '../card/card-moves';
import { assertNotMerged, mergedInto } from '../merge/standing';
import { personKeyTable } from '../person/person.table';
import type { Persons } from '../person/persons';
import type { Vault } from '../person/vault';
import { deathTable, type DeathRow } from './death.table';
import { lastDeath } from './standing';

/** Who recorded it, who approved it, and where the evidence is filed. */
export interface Evidence {
  readonly paper: string;
  readonly recordedBy: string;
  readonly approvedBy: string;
}

const PERSON_DIED = 'PERSON_DIED';
/** Of one person: deaths are taken back, but not often. */
const RECORDS_SHOWN = 100;

/** Whether a person has died: by two persons, with the evidence, and taken back the same way. */
export class Deaths {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly persons: Persons;
      readonly vault: Pick<Vault, 'sealText' | 'openText'>;
      readonly cards: Pick<CardMoves, 'freezeOfDead' | 'thaw'>;
    },
  ) {}

  /**
   * Records a death: an activation that is under way ends, also a child's whose guardian died, and the
   * person's cards are frozen. Of a survivor it is recorded of who is merged, too. The same day again
   * changes nothing. Throws PERSON_UNKNOWN, PERSONAL_DATA_DESTROYED (not-found), REQUEST_INVALID
   * (invalid: the day), DEATH_CONFLICT (conflict: another day is recorded), PERSON_MERGED (conflict).
   */
  record(personId: string, diedOn: string, evidence: Evidence): Promise<void> {
    return this.parts.store.transact(async (transaction) => {
      for (const each of await this.allOf(transaction, personId))
        await this.recordOne(transaction, each, diedOn, evidence);
    });
  }

  /**
   * Cards that were frozen for it are as before. Throws PERSON_UNKNOWN, DEATH_NOT_RECORDED (not-found:
   * none is, or it was taken back before), PERSON_MERGED (conflict).
   */
  takeBack(personId: string, evidence: Evidence): Promise<void> {
    return this.parts.store.transact(async (transaction) => {
      for (const each of await this.allOf(transaction, personId)) {
        await this.parts.persons.row(transaction, each, 'wait');
        const last = await lastDeath(transaction, each);
        if (!last?.died) throw new DomainError('DEATH_NOT_RECORDED', 'not-found', { personId });
        const alive = { personId: each, died: false, sealedDay: null };
        await this.add(transaction, last, { ...evidence, ...alive });
        await this.parts.cards.thaw(transaction, each, saidBy(evidence));
      }
    });
  }

  /** The latest first. Throws PERSON_UNKNOWN (not-found). */
  show(personId: string) {
    return this.parts.store.transact(async (transaction) => {
      await this.parts.persons.row(transaction, personId);
      const wrapped = await this.wrapped(transaction, personId);
      const rows = await transaction
        .rows(deathTable)
        .find({ personId }, { orderBy: 'revision', descending: true, countMax: RECORDS_SHOWN });
      return {
        personId,
        died: rows[0]?.died ?? false,
        records: rows.map(({ sealedDay, personId: _, ...row }) => ({
          ...row,
          ...(sealedDay &&
            wrapped && {
              diedOn: this.parts.vault.openText(personId, wrapped, sealedDay, contextOf(personId)),
            }),
        })),
      };
    });
  }

  /** Who is merged into a person is that human being. The person is held. */
  private async allOf(transaction: Transaction, personId: string): Promise<readonly string[]> {
    await this.parts.persons.row(transaction, personId, 'wait');
    await assertNotMerged(transaction, personId);
    return [personId, ...(await mergedInto(transaction, personId))];
  }

  private async recordOne(
    transaction: Transaction,
    personId: string,
    diedOn: string,
    evidence: Evidence,
  ): Promise<void> {
    const { persons, vault } = this.parts;
    const known = await persons.read(transaction, personId, 'wait');
    this.assertPossible(diedOn, known.birthDate);
    const wrapped = await this.wrapped(transaction, personId);
    assert(wrapped, 'a person whose data was read has a key');
    const last = await lastDeath(transaction, personId);
    if (last?.died) {
      const before = vault.openText(personId, wrapped, last.sealedDay!, contextOf(personId));
      if (before === diedOn) return;
      throw new DomainError('DEATH_CONFLICT', 'conflict', { personId });
    }
    const sealedDay = vault.sealText(personId, wrapped, diedOn, contextOf(personId));
    await this.add(transaction, last, { ...evidence, personId, died: true, sealedDay });
    await this.endActivations(transaction, personId);
    await this.parts.cards.freezeOfDead(transaction, personId, saidBy(evidence));
  }

  private assertPossible(diedOn: string, bornOn: string): void {
    const isDay = new Date(`${diedOn}T00:00:00Z`).toJSON()?.startsWith(diedOn) ?? false;
    if (isDay && diedOn >= bornOn && diedOn <= this.parts.persons.today()) return;
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      faults: [{ field: '/diedOn', why: 'is no day between the birth and today' }],
    });
  }

  private async add(
    transaction: Transaction,
    last: DeathRow | undefined,
    said: Omit<DeathRow, 'revision' | 'at'>,
  ): Promise<void> {
    const time = this.parts.clock.now();
    const row = { ...said, revision: (last?.revision ?? 0) + 1, at: time };
    await transaction.rows(deathTable).insert(row);
    const { personId, revision, died } = row;
    const type = died ? 'PersonDied' : 'PersonDeathTakenBack';
    const data = { personId, revision, recordedAt: time.toISOString() };
    const id = derivedId(type, JSON.stringify(data));
    transaction.publish(message(identityPersons, type, data, { id, time, source: 'identity' }));
  }

  private async endActivations(transaction: Transaction, personId: string): Promise<void> {
    const at = this.parts.clock.now();
    const rows = transaction.rows(activationTable);
    const open = { status: { in: UNDER_WAY } };
    for (const whose of [{ personId }, { holderId: personId }])
      for (const row of await rows.find({ ...whose, ...open }, { lock: 'wait' }))
        await rows.save({ ...ended(row, 'refused', at, PERSON_DIED), lease: row.lease + 1 });
  }

  private async wrapped(transaction: Transaction, personId: string): Promise<Buffer | undefined> {
    return (await transaction.rows(personKeyTable).get({ personId }))?.wrapped;
  }
}

const saidBy = ({ recordedBy, approvedBy }: Evidence): Died => ({ by: recordedBy, approvedBy });

const contextOf = (personId: string): string => `death ${personId}`;

import type { Frozen, Guardianship, GuardianBody, GuardianshipEvidence } from '@caretab/contracts';
import { type Clock, DomainError, type Ids } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { assertAlive } from '../death/standing';
import { assertNotMerged } from '../merge/standing';
import { isMinor } from '../person/personal-data';
import type { Persons } from '../person/persons';
import { assertProven, inForce, isSame, lookOn, needsTwo } from './guardianship';
import { type GuardianshipRow, guardianshipTable } from './guardianship.table';
import { guardianAppointed, guardianshipEnded } from './guardianship-messages';
import { guardiansOf, isWardToday } from './wards';

export type Appointment = Frozen<GuardianBody> & {
  /** The other person who approved it. */
  readonly approvedBy?: string | undefined;
};

/** Who revokes, why, and by which paper. */
export interface Revocation {
  readonly why: string;
  readonly evidence: Frozen<GuardianshipEvidence>;
  readonly by: string;
}

export interface GuardianshipsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly persons: Persons;
}

const GUARDIANS_MAX = 2;
const SHOWN_MAX = 50;

/** Who acts for a child, or for an adult without full capacity. Each change holds the ward's row. */
export class Guardianships {
  constructor(private readonly parts: GuardianshipsParts) {}

  /**
   * Appoints an adult. The same appointment again changes nothing; of the same guardian with other
   * terms these change, and what is left out stays. Another guardian is only taken with `replaces` or
   * `beside`, so that none is replaced or added by accident. Throws PERSON_UNKNOWN,
   * PERSONAL_DATA_DESTROYED (not-found), GUARDIAN_IS_SELF, WARD_NOT_MINOR, GUARDIAN_NOT_ADULT,
   * GUARDIANSHIP_UNPROVEN, REQUEST_INVALID (invalid), GUARDIAN_IS_WARD, GUARDIAN_CONFLICT,
   * APPROVAL_NEEDED, ERASURE_UNDER_WAY, PERSON_MERGED (conflict).
   */
  async appoint(personId: string, appointment: Appointment): Promise<void> {
    const { guardianId, approvedBy } = appointment;
    if (guardianId === personId) throw new DomainError('GUARDIAN_IS_SELF', 'invalid', { personId });
    await this.parts.store.transact(async (transaction) => {
      const { ward, present } = await this.asked(transaction, personId, appointment);
      const known = present.find((row) => row.guardianId === guardianId);
      const next = this.next(personId, appointment, { known, present, ward });
      if (isSame(known, next)) return;
      const isFirst = known !== undefined || present.length === 0;
      assertProven(next, next.basis === 'minor' && isFirst);
      if (needsTwo(present, known, next) && approvedBy === undefined)
        throw new DomainError('APPROVAL_NEEDED', 'conflict', { personId });
      const rows = transaction.rows(guardianshipTable);
      const replaced = present.filter((row) => !known && row.guardianId === appointment.replaces);
      const { clock } = this.parts;
      for (const row of replaced)
        await rows.save({ ...row, ...ended(clock.now()), endedBecause: 'REPLACED' as const });
      for (const row of present)
        if (row !== known && !replaced.includes(row) && row.consentRule !== next.consentRule)
          await rows.save({ ...row, consentRule: next.consentRule });
      await rows.save(next);
      // Other services know the first alone, and nothing of the terms.
      if (!known && next.rank === 'first') transaction.publish(guardianAppointed(next));
    });
  }

  /**
   * Ends a guardianship; a second guardian is the first from then on. Throws PERSON_UNKNOWN,
   * PERSONAL_DATA_DESTROYED (not-found), GUARDIANSHIP_NOT_IN_FORCE (conflict).
   */
  async revoke(personId: string, guardianId: string, revocation: Revocation): Promise<void> {
    const { store, persons, clock } = this.parts;
    await store.transact(async (transaction) => {
      const ward = await persons.read(transaction, personId, 'wait');
      const present = inForce(await guardiansOf(transaction, personId), ward, persons.today());
      const row = present.find((one) => one.guardianId === guardianId);
      if (!row) throw new DomainError('GUARDIANSHIP_NOT_IN_FORCE', 'conflict', { personId });
      const { why, by, evidence } = revocation;
      const endedWhy = `${why} (${evidence.kind} ${evidence.reference})`;
      const end = { ...ended(clock.now()), endedWhy, endedBy: by };
      const rows = transaction.rows(guardianshipTable);
      await rows.save({ ...row, ...end, endedBecause: 'REVOKED' });
      await handOver(transaction, row, present, { reason: 'REVOKED', at: clock.now() });
    });
  }

  /** The latest first. Throws PERSON_UNKNOWN, PERSONAL_DATA_DESTROYED (not-found). */
  list(personId: string): Promise<Guardianship[]> {
    const { store, persons } = this.parts;
    return store.transact(async (transaction) => {
      const ward = await persons.read(transaction, personId);
      const latest = { orderBy: 'appointedAt', descending: true, countMax: SHOWN_MAX } as const;
      const rows = await transaction.rows(guardianshipTable).find({ personId }, latest);
      const holding = inForce(rows, ward, persons.today());
      return rows.map((row) => shown(row, holding.includes(row)));
    });
  }

  /** Ward and guardian may be so, and those in force before. */
  private async asked(transaction: Transaction, personId: string, appointment: Appointment) {
    const { persons } = this.parts;
    const { guardianId, replaces, beside } = appointment;
    const ward = await persons.read(transaction, personId, 'wait');
    const guardian = await persons.read(transaction, guardianId, 'wait');
    await persons.assertNotErased(transaction, personId);
    await persons.assertNotErased(transaction, guardianId);
    await assertAlive(transaction, personId, guardianId);
    await assertNotMerged(transaction, personId, guardianId);
    const today = persons.today();
    const present = inForce(await guardiansOf(transaction, personId), ward, today);
    const known = present.find((row) => row.guardianId === guardianId);
    const basis = appointment.basis ?? known?.basis ?? 'minor';
    if (basis === 'minor' && !isMinor(ward, today))
      throw new DomainError('WARD_NOT_MINOR', 'invalid', { personId });
    if (isMinor(guardian, today))
      throw new DomainError('GUARDIAN_NOT_ADULT', 'invalid', { guardianId });
    if (await isWardToday(transaction, persons, guardianId))
      throw new DomainError('GUARDIAN_IS_WARD', 'conflict', { guardianId });
    if (basis === 'incapacity' && (await this.actsForOthers(transaction, personId)))
      throw new DomainError('GUARDIAN_IS_WARD', 'conflict', { personId });
    const named = (id: string | undefined): boolean => present.some((row) => row.guardianId === id);
    const isClear =
      known !== undefined ||
      present.length === 0 ||
      named(replaces) ||
      (named(beside) && present.length < GUARDIANS_MAX);
    if (!isClear)
      throw new DomainError('GUARDIAN_CONFLICT', 'conflict', {
        personId,
        guardianId: present[0]!.guardianId,
      });
    return { ward, present };
  }

  private async actsForOthers(transaction: Transaction, guardianId: string): Promise<boolean> {
    const { persons } = this.parts;
    const rows = await transaction
      .rows(guardianshipTable)
      .find({ guardianId, endedAt: null }, { countMax: SHOWN_MAX });
    for (const row of rows) {
      const ward = await persons.read(transaction, row.personId);
      if (inForce([row], ward, persons.today()).length > 0) return true;
    }
    return false;
  }

  private next(
    personId: string,
    appointment: Appointment,
    {
      known,
      present,
      ward,
    }: {
      readonly known: GuardianshipRow | undefined;
      readonly present: readonly GuardianshipRow[];
      readonly ward: { readonly birthDate: string };
    },
  ): GuardianshipRow {
    const { clock, ids, persons } = this.parts;
    const { guardianId, relation, replaces, evidence, approvedBy } = appointment;
    const today = persons.today();
    const until = appointment.until ?? known?.until ?? null;
    if (appointment.until !== undefined) assertAhead(appointment.until, today);
    const replaced = present.find((row) => row.guardianId === replaces);
    const rank = replaced?.rank ?? (present.length > 0 ? 'second' : 'first');
    return {
      ...(known ?? {
        ...{ guardianshipId: `g-${ids.next()}`, personId, guardianId, rank },
        ...{ ofAdult: !isMinor(ward, today), appointedAt: clock.now(), endedAt: null },
        ...{ endedBecause: null, endedWhy: null, endedBy: null },
      }),
      ...{ relation, until, basis: appointment.basis ?? known?.basis ?? 'minor' },
      consentRule: appointment.consentRule ?? (known ?? present[0])?.consentRule ?? 'any',
      evidenceKind: evidence?.kind ?? known?.evidenceKind ?? null,
      evidenceReference: evidence?.reference ?? known?.evidenceReference ?? null,
      approvedBy: approvedBy ?? known?.approvedBy ?? null,
      lookOn: lookOn({ until }, ward, today),
    };
  }
}

/** A guardianship that is over. */
export const ended = (at: Date) => ({ endedAt: at, lookOn: null });

/** Another who is left answers from then on; else the ward has no guardian, and others are notified. */
export const handOver = async (
  transaction: Transaction,
  gone: GuardianshipRow,
  present: readonly GuardianshipRow[],
  { reason, at }: { readonly reason: 'REVOKED' | 'PERIOD_OVER' | 'CAME_OF_AGE'; readonly at: Date },
): Promise<void> => {
  if (gone.rank !== 'first') return;
  const heir = present.find(({ guardianshipId }) => guardianshipId !== gone.guardianshipId);
  if (!heir || reason === 'CAME_OF_AGE')
    transaction.publish(guardianshipEnded(gone, reason, { at, goesOn: heir !== undefined }));
  if (!heir) return;
  const first = {
    ...{ ...heir, rank: 'first' as const, appointedAt: at },
    ofAdult: heir.ofAdult || reason === 'CAME_OF_AGE',
  };
  await transaction.rows(guardianshipTable).save(first);
  transaction.publish(guardianAppointed(first));
};

/** Throws REQUEST_INVALID (invalid). */
const assertAhead = (day: string, today: string): void => {
  const isDay = new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) ?? false;
  if (!isDay || day <= today)
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      faults: [{ field: '/until', why: 'it is no day after today' }],
    });
};

const shown = (row: GuardianshipRow, isInForce: boolean): Guardianship => {
  const { guardianId, relation, rank, basis, until, consentRule, appointedAt } = row;
  const { evidenceKind: kind, evidenceReference: reference, endedAt, endedBecause } = row;
  return {
    ...{ guardianId, relation, rank, basis, consentRule, appointedAt, inForce: isInForce },
    ...(until !== null && { until }),
    ...(kind !== null && reference !== null && { evidence: { kind, reference } }),
    ...(endedAt !== null && { endedAt }),
    ...(endedBecause !== null && { endedBecause }),
  };
};

import type { Clock } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { isMinor } from '../person/personal-data';
import type { Consents } from '../consent/consents';
import type { Persons } from '../person/persons';
import { endOn, inForce, lookOn } from './guardianship';
import { guardianAppointed, guardianshipEnded } from './guardianship-messages';
import { type GuardianshipRow, guardianshipTable } from './guardianship.table';
import { ended, handOver } from './guardianships';
import { guardiansOf } from './wards';

const PASS_ROWS = 200;

/**
 * Ends guardianships whose time is over, and gives wards who come of age their own standing. Doors
 * decide by the day in any case; this makes it known to others.
 */
export class GuardianshipEnds {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly persons: Persons;
      readonly consents: Consents;
    },
  ) {}

  /** Looks at those whose day has come; returns at how many. */
  async runOnce(): Promise<number> {
    const { store, persons } = this.parts;
    let looked = 0;
    for (;;) {
      const today = persons.today();
      const due = await store.transact((transaction) =>
        transaction
          .rows(guardianshipTable)
          .find({ lookOn: { lte: today } }, { orderBy: 'lookOn', countMax: PASS_ROWS }),
      );
      for (const personId of new Set(due.map((row) => row.personId)))
        await store.transact((transaction) => this.look(transaction, personId, today));
      looked += due.length;
      if (due.length < PASS_ROWS) return looked;
    }
  }

  private async look(transaction: Transaction, personId: string, today: string): Promise<void> {
    const { persons, clock } = this.parts;
    const ward = await persons.read(transaction, personId, 'wait');
    const open = await guardiansOf(transaction, personId);
    const rows = transaction.rows(guardianshipTable);
    const present = inForce(open, ward, today);
    const isLeft =
      present.length === 0 && open.some((row) => endOn(row, ward, today) === 'CAME_OF_AGE');
    for (const row of open) {
      const reason = endOn(row, ward, today);
      if (!reason) continue;
      await rows.save({ ...row, ...ended(clock.now()), endedBecause: reason });
      await handOver(transaction, row, present, { reason, at: clock.now() });
    }
    if (isLeft) await this.endConsents(transaction, personId);
    for (const row of await guardiansOf(transaction, personId)) {
      const next = { ...row, lookOn: lookOn(row, ward, today) };
      if (row.ofAdult || isMinor(ward, today)) await rows.save(next);
      else await this.goesOn(transaction, next);
    }
  }

  /** What a guardian agreed to ends with the guardianship: who came of age agrees for themselves. */
  private async endConsents(transaction: Transaction, personId: string): Promise<void> {
    const { consents } = this.parts;
    const given = await consents.inForce(transaction, personId);
    if (given.length === 0) return;
    const agreed = {
      ...{ personId, byPersonId: personId, channel: 'platform', institutionId: null },
      ...{ operator: 'identity', evidence: 'came of age' },
    };
    await consents.revoke(transaction, agreed, given);
  }

  /** By the decision of a court the guardian acts beyond 18; the line is the ward's own from then on. */
  private async goesOn(transaction: Transaction, row: GuardianshipRow): Promise<void> {
    const at = this.parts.clock.now();
    const first = row.rank === 'first';
    const next = { ...row, ofAdult: true, ...(first && { appointedAt: at }) };
    await transaction.rows(guardianshipTable).save(next);
    if (!first) return;
    transaction.publish(guardianshipEnded(row, 'CAME_OF_AGE', { at, goesOn: true }));
    transaction.publish(guardianAppointed(next));
  }
}

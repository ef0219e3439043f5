import {
  type ContractEvent,
  type ErasedPerson,
  gatewayErasures,
  type identityPersons,
  personForgotten,
} from '@caretab/contracts';
import { forgetParked } from '@caretab/bus';
import type { Clock } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { destroyedTable, mentionTable } from '../quarantine/identifier-index.table';
import type { Mentions } from '../quarantine/mentions';
import { quarantineTable } from '../quarantine/quarantine.table';
import { holderCaseTable } from './holder-case.table';
import { forgetAccepted } from './forget-accepted';
import { intakeTable } from './intake.table';
import { forgetUnknown } from './merged-numbers';
import { forgetPresented, presentedTable } from './presented';

const BATCH_MAX = 200;

type Destroyed = ErasedPerson &
  Pick<ContractEvent<typeof identityPersons, 'PersonalDataDestroyed'>, 'data'>;

/**
 * Raw messages name people, so they are not kept for ever: not beyond the time they may be kept,
 * and not when the person's data was destroyed. What was made of them stays.
 */
export class Forgetting {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly keptMs: number;
      readonly mentions: Mentions;
    },
  ) {}

  /** Forgets raw messages that are too old, some at a time; returns how many. */
  async runOnce(): Promise<number> {
    const before = new Date(this.parts.clock.now().getTime() - this.parts.keptMs);
    return this.parts.store.transact(async (transaction) => {
      const taken = await transaction
        .rows(intakeTable)
        .find(
          { receivedAt: { lte: before }, forgotten: false },
          { countMax: BATCH_MAX, lock: 'skip' },
        );
      await transaction
        .rows(intakeTable)
        .save(...taken.map((row) => ({ ...row, sealed: null, forgotten: true })));
      const refused = await transaction
        .rows(quarantineTable)
        .find(
          { lastSeenAt: { lte: before }, forgotten: false },
          { countMax: BATCH_MAX, lock: 'skip' },
        );
      await transaction.rows(quarantineTable).save(
        ...refused.map((row) => ({
          ...row,
          sealed: null,
          bytes: 0,
          indexed: true,
          forgotten: true,
        })),
      );
      if (refused.length > 0)
        await transaction
          .rows(mentionTable)
          .delete({ quarantineId: { in: refused.map(({ id }) => id) } });
      await transaction.rows(holderCaseTable).delete({ foundAt: { lte: before } });
      await transaction.rows(destroyedTable).delete({ destroyedAt: { lte: before } });
      await forgetPresented(transaction, this.parts.clock.now());
      const merges = await forgetUnknown(transaction, before);
      return taken.length + refused.length + merges;
    });
  }

  /** PersonRegistered → the messages of one who was erased before are kept again from then on. */
  async registered(
    { data }: Pick<ContractEvent<typeof identityPersons, 'PersonRegistered'>, 'data'>,
    transaction: Transaction,
  ): Promise<void> {
    const { personId, registeredAt } = data;
    await this.parts.mentions.returned(transaction, personId, new Date(registeredAt));
  }

  /**
   * PersonalDataDestroyed: forgets the raw messages of one person, also refused ones that name the
   * person, and the keyed numbers under which hospitals know the patient.
   */
  async person(event: Destroyed, transaction: Transaction): Promise<void> {
    const { personId, blindIndexes = [], destroyedAt } = event.data;
    const accepted = await forgetAccepted(transaction, personId);
    const shown = transaction.rows(presentedTable);
    const presented_person = await shown.count({ personId });
    await shown.delete({ personId });
    const quarantine = await this.parts.mentions.forget(transaction, {
      personId,
      indexes: blindIndexes,
      destroyedAt: new Date(destroyedAt),
    });
    const time = this.parts.clock.now();
    const parked = await forgetParked(transaction, personId, time);
    const destroyed = Object.entries({ ...accepted, presented_person, quarantine, parked }).map(
      ([table, rows]) => ({
        table,
        rows,
      }),
    );
    transaction.publish(...personForgotten(gatewayErasures, event, { destroyed, time }));
  }
}

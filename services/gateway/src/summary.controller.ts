import { gatewayRoutes as routes, hospitalVisitEvents, type RouteAnswer } from '@caretab/contracts';
import { Handles, STORE } from '@caretab/host';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { eventTable } from './intake/intake.table';
import type { Door } from './intake/submission';
import { quarantineTable, refusalTable } from './quarantine/quarantine.table';

const DOORS: readonly Door[] = ['mllp', 'http', 'bus'];
const REASONS_MAX = 500;

export type GatewaySummary = RouteAnswer<typeof routes.summary>;

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

/** What came in, in figures. */
@Controller()
export class SummaryController {
  constructor(@Inject(STORE) private readonly store: Store) {}

  @Handles(routes.summary)
  summary(): Promise<GatewaySummary> {
    return this.store.transact(async (transaction) => {
      const acceptedBy: Record<Door, Record<string, number>> = { mllp: {}, http: {}, bus: {} };
      const refusedBy: Record<Door, Record<string, number>> = { mllp: {}, http: {}, bus: {} };
      const refused: Record<string, number> = {};
      for (const door of DOORS) {
        for (const type of Object.keys(hospitalVisitEvents.events))
          acceptedBy[door][type] = await transaction.rows(eventTable).count({ door, type });
      }
      for (const { door, reason, count } of await transaction
        .rows(refusalTable)
        .find({}, { orderBy: 'reason', countMax: REASONS_MAX })) {
        refusedBy[door][reason] = count;
        refused[reason] = (refused[reason] ?? 0) + count;
      }
      const quarantineOpen = await transaction.rows(quarantineTable).count({ status: 'open' });
      return {
        accepted: DOORS.reduce((all, door) => all + sum(acceptedBy[door]), 0),
        acceptedBy,
        refused,
        refusedBy,
        quarantineOpen,
      };
    });
  }
}

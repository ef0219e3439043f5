import {
  notificationRoutes as routes,
  type RouteAnswer,
  type RouteInput,
} from '@caretab/contracts';
import { Handles, STORE } from '@caretab/host';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { preferenceTable } from './preference.table';

type Set = typeof routes.setPreference;

@Controller()
export class PreferenceController {
  constructor(@Inject(STORE) private readonly store: Store) {}

  @Handles(routes.setPreference)
  async set({ params: { personId }, body }: RouteInput<Set>): Promise<RouteAnswer<Set>> {
    const row = { personId, ...body };
    await this.store.transact((transaction) => transaction.rows(preferenceTable).save(row));
    return row;
  }
}

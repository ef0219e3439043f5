import { Type } from '@sinclair/typebox';

/** What the visit ledger reads from the environment. */
export const VisitLedgerConfig = Type.Object({
  VISIT_LEDGER_EVENT_POOL_MAX: Type.Integer({ minimum: 2, maximum: 50, default: 6, description: 'connections to the event store' }),
});

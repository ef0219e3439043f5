import { careTimeSettings } from '@caretab/contracts';
import { Type } from '@sinclair/typebox';

/** What the visit ledger reads from the environment. */
export const VisitLedgerConfig = Type.Object({
  ...careTimeSettings,
  VISIT_LEDGER_EVENT_POOL_MAX: Type.Integer({
    minimum: 2,
    maximum: 50,
    default: 6,
    description: 'connections to the event store in PostgreSQL',
  }),
  VISIT_LEDGER_LATE_CHARGE: Type.Union(
    [Type.Literal('ask'), Type.Literal('hospital-bears'), Type.Literal('collect')],
    {
      default: 'ask',
      description:
        'a charge after the closing: the citizen is asked, the hospital bears it, or it is collected',
    },
  ),
  VISIT_LEDGER_WAIT_HOURS: Type.Integer({
    minimum: 1,
    maximum: 720,
    default: 72,
    description:
      'how many hours a report waits for the opening of its visit, or a return for its charge; then it is rejected',
  }),
  EVENTSTORE_URL: Type.Optional(
    Type.String({
      pattern: '^(esdb|eventstoredb|kurrentdb)(\\+discover)?://',
      description:
        'EventStoreDB that holds the ledger, e.g. esdb://host:2113; without it the ledger is in PostgreSQL',
    }),
  ),
  EVENTSTORE_NAMESPACE: Type.String({
    pattern: '^[a-z][a-z0-9_]{0,39}$',
    default: 'caretab',
    description: "what the names of this ledger's streams begin with in EventStoreDB",
  }),
});

import { careTimeSettings, GRACE_MS_MAX } from '@caretab/contracts';
import { Type } from '@sinclair/typebox';

/** One of some words; the first is the default. */
const oneOf = <const Words extends readonly [string, ...string[]]>(
  words: Words,
  options: { readonly description: string },
) =>
  Type.Union(
    words.map((word) => Type.Literal(word as Words[number])),
    { ...options, default: words[0] },
  );

/** What the visit ledger reads from the environment. */
export const VisitLedgerConfig = Type.Object({
  ...careTimeSettings,
  VISIT_LEDGER_EVENT_POOL_MAX: Type.Integer({
    minimum: 2,
    maximum: 50,
    default: 6,
    description: 'connections to the event store in PostgreSQL',
  }),
  VISIT_LEDGER_KEPT_VISITS_MB: Type.Integer({
    minimum: 1,
    maximum: 65_536,
    default: 128,
    description: 'memory for visits that need not be read again, in megabytes, estimated',
  }),
  VISIT_LEDGER_SNAPSHOT_EVENTS: Type.Integer({
    minimum: 0,
    maximum: 100_000,
    default: 32,
    description:
      'a visit of which so many events had to be read gets a snapshot; 0: none is taken or used',
  }),
  VISIT_LEDGER_GRACE_MS: Type.Integer({
    minimum: 0,
    maximum: GRACE_MS_MAX,
    default: 0,
    description:
      'between the end of a visit and its closing, where the institution says nothing of it',
  }),
  VISIT_LEDGER_LATE_CHARGE: oneOf(['ask', 'hospital-bears', 'collect'], {
    description:
      'a charge after the closing, where the institution says nothing of it: the citizen is asked, ' +
      'the hospital bears it, or it is collected',
  }),
  VISIT_LEDGER_OUTPATIENT_END: oneOf(['doctor', 'midnight'], {
    description:
      'an outpatient visit without an end message, where the institution says nothing of it: it ' +
      'ends when its hold expires, or at 24:00 of its day',
  }),
  VISIT_LEDGER_EMERGENCY_END: oneOf(['doctor', 'observation'], {
    description:
      'an emergency likewise: it ends when its hold expires, or 72 hours after its start',
  }),
  VISIT_LEDGER_TIMER_INTERVAL_MS: Type.Integer({
    minimum: 10,
    maximum: 3_600_000,
    default: 2000,
    description: 'between two looks for visits that end by the clock or whose grace time is over',
  }),
  VISIT_LEDGER_WAIT_HOURS: Type.Integer({
    minimum: 1,
    maximum: 720,
    default: 72,
    description:
      'how many hours a report waits for the opening of its visit, or a return for its charge; then it is rejected',
  }),
  VISIT_LEDGER_EVENT_KEYS: Type.String({
    minLength: 1,
    description:
      'keys that sign and verify the events of the ledger: the path of a JSON file, or its content',
  }),
  VISIT_LEDGER_ANCHOR_KEY: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'private key that signs the anchors of the log, as C2SP signed-note writes it',
    }),
  ),
  VISIT_LEDGER_ANCHOR_FORMER_KEYS: Type.Optional(
    Type.String({
      description: 'public keys that signed anchors before, separated by commas',
    }),
  ),
  VISIT_LEDGER_ANCHOR_PLACES: Type.Optional(
    Type.String({
      description:
        'folders where anchors are kept, separated by commas: at least two, on other disks than the ' +
        'database, the same for every process of the ledger',
    }),
  ),
  VISIT_LEDGER_ANCHOR_INTERVAL_MS: Type.Integer({
    minimum: 100,
    maximum: 3_600_000,
    default: 60_000,
    description: 'between two anchors of a log that grows',
  }),
  VISIT_LEDGER_LEADER_TIMEOUT_MS: Type.Integer({
    minimum: 300,
    maximum: 60_000,
    default: 3000,
    description:
      'a process that publishes or keeps the views and gives no sign of life for so many ms is replaced',
  }),
  VISIT_LEDGER_KEPT_ROWS_MB: Type.Integer({
    minimum: 1,
    maximum: 4096,
    default: 32,
    description:
      'MB of rows of the views, as text, that the process which keeps the views remembers',
  }),
  VISIT_LEDGER_SET_ASIDE_A_MINUTE_MAX: Type.Integer({
    minimum: 1,
    maximum: 50_000,
    default: 20,
    description:
      'more faulty streams within a minute are taken for another store, and stop the readers of the log',
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

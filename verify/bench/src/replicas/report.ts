/** What a charge costs: CPU of the ledgers together and of PostgreSQL, and the ledgers' statements. */
export interface Cost {
  readonly ledgersUs: number;
  readonly postgresUs: number;
  readonly statements: number;
}

/** What was found with so many processes. */
export interface Replicas {
  readonly processes: number;
  /** Charges decided a second under full load. */
  readonly perSecond: number;
  readonly atFullLoad: Cost;
  readonly atFixedRate: Cost;
  /** From publish to decision at the fixed rate. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What a run found, as `--json` prints it. */
export interface ReplicasResult {
  readonly bench: 'replicas';
  /** Charges a second of two processes. */
  readonly value: number;
  /** Charges a second whose bytes one client inserts into the same PostgreSQL, in batches of 500. */
  readonly raw: number;
  readonly ratioToRaw: number;
  /** By processes: charges a second as a share of what one decides; null where one was not run. */
  readonly ratioToOne: Readonly<Record<string, number | null>>;
  readonly runs: readonly Replicas[];
  readonly settings: Readonly<Record<string, string | number>>;
  readonly faults: readonly string[];
}

const TITLES = ['processes', 'charges/s', 'of one', 'p50 ms', 'p99 ms'] as const;
const COSTS = ['ledgers µs', 'PG µs', 'statements'] as const;

const row = (cells: readonly (string | number)[]): string =>
  cells.map((cell) => String(cell).padStart(11)).join('');

const cells = ({ ledgersUs, postgresUs, statements }: Cost): (string | number)[] => [
  ledgersUs,
  postgresUs,
  statements.toFixed(3),
];

/** The page a person reads. */
export const replicasPageOf = (result: ReplicasResult): string => {
  const { runs, ratioToOne, settings } = result;
  return [
    `Processes of the ledger on ${settings['cores']} cores; load average before: ${settings['loadAverage']}`,
    row(TITLES),
    ...runs.map(({ processes, perSecond, p50Ms, p99Ms }) =>
      row([processes, perSecond, ratioToOne[processes]?.toFixed(2) ?? '–', p50Ms, p99Ms]),
    ),
    `p50 and p99 at ${settings['perSecond']}/s. A charge costs, under full load and at that rate`,
    row(['processes', ...COSTS, ...COSTS]),
    ...runs.map(({ processes, atFullLoad, atFixedRate }) =>
      row([processes, ...cells(atFullLoad), ...cells(atFixedRate)]),
    ),
    `Raw group inserts of the same bytes: ${result.raw}/s, ratio ${result.ratioToRaw.toFixed(3)}`,
    result.faults.length === 0
      ? '✔ every charge is decided once, on the ledger once, and in the accounts'
      : '✗ VOID: the charges do not add up',
  ].join('\n');
};

/** What a run found, as `--json` prints it. */
export interface ReconciliationResult {
  readonly bench: 'reconciliation';
  /** Rows a second, of all comparisons. */
  readonly value: number;
  readonly rows: number;
  readonly seconds: number;
  readonly peakMb: number;
  readonly faults: readonly string[];
}

/** The page a person reads. */
export const reconciliationPageOf = (result: ReconciliationResult): string => {
  const { value, rows, seconds, peakMb, faults } = result;
  return [
    `${rows.toLocaleString('en')} delimited rows, compared three ways`,
    `  ${seconds.toFixed(1)} s: ${value.toLocaleString('en')} rows/s; most memory ${peakMb} MB`,
    faults.length === 0
      ? '✔ a difference of each kind was found in each, and no other'
      : '✗ VOID, for the reasons below',
  ].join('\n');
};

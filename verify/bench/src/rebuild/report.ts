/** What a run found, as `--json` prints it; rates are events a second. */
export interface RebuildResult {
  readonly bench: 'rebuild';
  readonly value: number;
  readonly raw: number;
  readonly ratioToRaw: number;
  readonly events: number;
  /** Resident memory of the ledger before the rebuilds, and its peak during them; 0: not reported. */
  readonly rssBeforeMb: number;
  readonly rssPeakMb: number;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly faults: readonly string[];
}

/** The page a person reads. */
export const rebuildPageOf = (result: RebuildResult): string =>
  [
    `Views rebuilt from ${result.events.toLocaleString('en')} events of ` +
      `${result.settings['visits']!.toLocaleString('en')} visits`,
    `  rebuild     ${result.value.toLocaleString('en').padStart(9)} events/s`,
    `  raw read    ${result.raw.toLocaleString('en').padStart(9)} events/s, JSON parsed, one client`,
    `  ratio to raw ${result.ratioToRaw.toFixed(3).padStart(8)}`,
    `  memory      ${result.rssBeforeMb.toFixed(0)}→${result.rssPeakMb.toFixed(0)} MB; load average ` +
      `before: ${result.settings['loadAverage']} on ${result.settings['cores']} cores`,
    result.faults.length === 0
      ? '✔ each rebuild was of all facts, and the views equal the log'
      : '✗ VOID: the views are not those of the log',
  ].join('\n');

/** What a run found, as `--json` prints it. */
export interface CardsResult {
  readonly bench: 'cards';
  /** Rows a second, from the sender's start to its end. */
  readonly value: number;
  /** The same rows a second by COPY. */
  readonly raw: number;
  readonly ratioToRaw: number;
  readonly rejected: number;
  readonly serviceMb: number;
  readonly senderMb: number;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly faults: readonly string[];
}

/** The page a person reads. */
export const cardsPageOf = (result: CardsResult): string => {
  const { value, raw, ratioToRaw, rejected, serviceMb, senderMb, settings, faults } = result;
  return [
    `A file of ${Number(settings['rows']).toLocaleString('en')} cards, ${rejected} rows rejected`,
    `  ${value.toLocaleString('en')} rows/s; raw COPY ${raw.toLocaleString('en')} rows/s ` +
      `(${(ratioToRaw * 100).toFixed(1)} % of it)`,
    `  most memory: service ${serviceMb} MB, sender ${senderMb} MB; ` +
      `load average before: ${settings['loadAverage']}`,
    faults.length === 0
      ? '✔ exactly the wrong rows were rejected, and every other card is there'
      : '✗ VOID, for the reasons below',
  ].join('\n');
};

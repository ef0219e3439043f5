/** One command of `caretab`. */
export interface Command {
  /** As it is typed: `parked`. */
  readonly name: string;
  /** What it does, in one line. */
  readonly what: string;
  /**
   * Resolves to the exit status. Throws Usage for a command line that it does not understand, and
   * Refused for what the platform does not do.
   */
  run(args: readonly string[], print: Print): Promise<number> | number;
}

/** Prints one line. */
export type Print = (line: string) => void;

/** Rows in columns as wide as their widest cell; the first row is the heading. */
export const printTable = (rows: readonly (readonly string[])[], print: Print): void => {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  for (const row of rows)
    print(
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    );
};

/** An answer of the platform as it came, for other programs. */
export const printJson = (answer: unknown, print: Print): void =>
  print(JSON.stringify(answer, null, 2));

/**
 * Rows as they were last written, so that the next batch need not read them: of the process that
 * leads, as long as it does. What a transaction reads or changes counts once it is `kept`; when it
 * fails, everything is forgotten. The least recently used rows go first.
 */
export class KeptRows {
  private readonly rows = new Map<string, { readonly row: object; readonly bytes: number }>();
  private bytes = 0;

  /** `bytesMax`: of the rows as JSON text. In memory a row takes about three times as much. */
  constructor(private readonly bytesMax: number) {}

  get(table: string, key: string): object | undefined {
    return this.rows.get(nameOf(table, key))?.row;
  }

  /** By table and key. */
  keep(changed: ReadonlyMap<string, ReadonlyMap<string, object>>): void {
    for (const [table, rows] of changed)
      for (const [key, row] of rows) this.keepOne(nameOf(table, key), row);
    for (const name of this.rows.keys()) {
      if (this.bytes <= this.bytesMax) return;
      this.drop(name);
    }
  }

  forget(): void {
    this.rows.clear();
    this.bytes = 0;
  }

  private keepOne(name: string, row: object): void {
    this.drop(name);
    const bytes = JSON.stringify(row).length;
    this.rows.set(name, { row, bytes });
    this.bytes += bytes;
  }

  private drop(name: string): void {
    this.bytes -= this.rows.get(name)?.bytes ?? 0;
    this.rows.delete(name);
  }
}

const nameOf = (table: string, key: string): string => `${table} ${key}`;

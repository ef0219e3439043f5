/**
 * Rows as they were last written, so that the next batch need not read them. What a transaction
 * reads or changes counts once it is `kept`; when it fails, everything is forgotten. The least
 * recently used rows go first.
 */
export class KeptRows<Row extends object> {
  private readonly rows = new Map<string, Row>();

  constructor(private readonly rowsMax: number) {}

  get(key: string): Row | undefined {
    return this.rows.get(key);
  }

  keep(rows: ReadonlyMap<string, Row>): void {
    for (const [key, row] of rows) {
      this.rows.delete(key);
      this.rows.set(key, row);
    }
    for (const key of this.rows.keys()) {
      if (this.rows.size <= this.rowsMax) return;
      this.rows.delete(key);
    }
  }

  forget(): void {
    this.rows.clear();
  }
}

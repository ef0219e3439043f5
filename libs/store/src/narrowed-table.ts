import { MemoryTable, type OwnRows } from './memory-table';
import { QueryFailed } from './query-failed';
import type { Where } from './store';
import { hasOwners, isOneOf, type Whose } from './within';

const NOT_PERMITTED = '42501';
/** Who reads for others writes nothing. */
const NOTHING_OWN = new Map<string, undefined>();

/** A table as it is for who reads within someone's rows: no other row is there, and none is locked or written. */
export class NarrowedTable<Row extends object> extends MemoryTable<Row> {
  constructor(
    private readonly whole: MemoryTable<Row>,
    private readonly within: readonly Whose[],
    /** The table on which its rows hang, narrowed too. */
    private readonly hangsOn?: NarrowedTable<Readonly<Record<string, unknown>>>,
  ) {
    super(whole.declared);
  }

  override matches(where: Where<Row>, own: OwnRows<Row>): Row[] {
    if (!hasOwners(this.declared)) throw this.refused();
    return this.whole.matches(where, own).filter((row) => this.isSeen(row));
  }

  private isSeen(row: Row): boolean {
    if (!this.hangsOn) return isOneOf(this.within, this.declared, row);
    const fields = this.declared.hangsOn!.by.map((field) => [field, row[field as keyof Row]]);
    return this.hangsOn.matches(Object.fromEntries(fields), NOTHING_OWN).length > 0;
  }

  override findKey(): never {
    throw this.refused();
  }

  override toStored(): never {
    throw this.refused();
  }

  /** PostgreSQL's words where a right is missing. */
  private refused(): QueryFailed {
    const why = `permission denied for table ${this.name}`;
    return new QueryFailed(NOT_PERMITTED, `${this.name}: PostgreSQL ${NOT_PERMITTED}: ${why}`);
  }
}

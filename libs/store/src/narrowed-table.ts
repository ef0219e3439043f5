import { MemoryTable, type OwnRows } from './memory-table';
import { QueryFailed } from './query-failed';
import type { Where } from './store';
import { isOneOf, type Whose } from './within';

const NOT_PERMITTED = '42501';

/** A table as it is for who reads within someone's rows: no other row is there, and none is locked or written. */
export class NarrowedTable<Row extends object> extends MemoryTable<Row> {
  constructor(
    private readonly whole: MemoryTable<Row>,
    private readonly within: readonly Whose[],
  ) {
    super(whole.declared);
  }

  override matches(where: Where<Row>, own: OwnRows<Row>): Row[] {
    if (Object.keys(this.declared.owners).length === 0) throw this.refused();
    return this.whole.matches(where, own).filter((row) => isOneOf(this.within, this.declared, row));
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

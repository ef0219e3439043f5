import { textArray } from '@caretab/kernel';
import { HeldTables } from './held-tables';
import { refuseConflict } from './message-conflict';
import { queryFailure } from './query-failed';
import type { HandledMessage, OutgoingMessage, Rows, TransactOptions, Transaction } from './store';
import type { Table } from './tables';
import { ADVANCE, advanceParameters } from './typeorm-positions';
import { TypeOrmRows } from './typeorm-rows';
import type { Session } from './typeorm-session';
import { assertDurable, Failures } from './unit-of-work';

/** One transaction of TypeOrmStore: its rows, its marks, and the messages that it leaves. */
export class TypeOrmTransaction implements Transaction {
  private readonly failures = new Failures();
  private readonly messages: OutgoingMessage[] = [];
  private readonly held = new HeldTables();

  constructor(
    private readonly session: Session,
    private readonly options: TransactOptions,
  ) {
    if (options.handles) assertDurable(options);
  }

  rows<Row extends object>(table: Table<Row>): Rows<Row> {
    this.failures.throwIfAny();
    return this.held.rows(table, () => new TypeOrmRows(this.session, table, this.failures));
  }

  async markHandled(group: string, messageId: string, content?: string): Promise<boolean> {
    const [isFresh] = await this.markAllHandled(group, [{ messageId, content }]);
    return isFresh!;
  }

  async markAllHandled(group: string, messages: readonly HandledMessage[]): Promise<boolean[]> {
    assertDurable(this.options);
    if (messages.length === 0) return [];
    const firsts = new Map([...messages].reverse().map((one) => [one.messageId, one]));
    const inserted = await this.query<{ message_id: string }>(
      'inbox',
      `insert into inbox (group_name, message_id, content)
       select $1, message_id, content from unnest($2::text[], $3::text[]) as m(message_id, content)
       order by message_id
       on conflict do nothing returning message_id`,
      [group, [...firsts.keys()], [...firsts.values()].map(({ content }) => content ?? null)],
    );
    const fresh = new Set(inserted.map((row) => row.message_id));
    const known = await this.contentsOf(
      group,
      messages.flatMap(({ messageId, content }) =>
        content === undefined || fresh.has(messageId) ? [] : [messageId],
      ),
    );
    const answers: boolean[] = [];
    for (const one of messages) {
      const first = firsts.get(one.messageId)!;
      const isFresh = fresh.has(one.messageId);
      answers.push(isFresh && one === first);
      if (answers.at(-1)) continue;
      const before = isFresh ? first.content : known.get(one.messageId);
      await this.failures.watch(async () => refuseConflict(one.messageId, before, one.content));
    }
    return answers;
  }

  private async contentsOf(
    group: string,
    messageIds: readonly string[],
  ): Promise<ReadonlyMap<string, string | null>> {
    if (messageIds.length === 0) return new Map();
    const rows = await this.query<{ message_id: string; content: string | null }>(
      'inbox',
      'select message_id, content from inbox where group_name = $1 and message_id = any($2)',
      [group, messageIds],
    );
    return new Map(rows.map((row) => [row.message_id, row.content]));
  }

  publish(...messages: readonly OutgoingMessage[]): void {
    assertDurable(this.options);
    this.messages.push(...messages);
  }

  /** Throws the first failure of an operation. */
  assertSound(): void {
    this.failures.throwIfAny();
  }

  get isPublishing(): boolean {
    return this.messages.length > 0;
  }

  /** Whether something is still to be written. */
  get isWriting(): boolean {
    return this.isPublishing || this.options.handles !== undefined || this.held.isWriting;
  }

  /**
   * Asks for the rows to be written, and for the messages last, so that their ids are drawn under
   * every lock the transaction took. All of it has been asked for when this returns.
   */
  last(): Promise<unknown>[] {
    const asked: Promise<unknown>[] = this.held.flushAtOnce();
    const { handles } = this.options;
    if (handles)
      asked.push(
        this.query(
          'position',
          ADVANCE,
          advanceParameters(handles.group, handles.topic, handles.range),
        ),
      );
    if (this.isPublishing) asked.push(this.writeMessages());
    return asked;
  }

  private writeMessages(): Promise<unknown> {
    const column = (of: (message: OutgoingMessage) => string) => textArray(this.messages.map(of));
    return this.query(
      'outbox',
      `insert into outbox (topic, key, headers, value)
       select topic, key, headers::jsonb, value
       from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality as m(topic,
       key, headers, value, place)
       order by place`,
      [
        column(({ topic }) => topic),
        column(({ key }) => key),
        column(({ headers }) => JSON.stringify(headers)),
        column(({ value }) => JSON.stringify(value ?? null)),
      ],
    );
  }

  private query<Row>(table: string, statement: string, parameters: unknown[]): Promise<Row[]> {
    return this.failures.watch(async () => {
      try {
        return await this.session.run<Row>(statement, parameters);
      } catch (error) {
        throw queryFailure(error, table);
      }
    });
  }
}

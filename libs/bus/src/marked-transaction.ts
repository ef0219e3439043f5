import type { OutgoingMessage, Rows, Table, Transaction } from '@caretab/store';
import { type AnyEvent, contentOf } from './parking';

/**
 * The message was handled before: thrown at the handler's first touch of a row, so that it ends
 * without an effect.
 */
class HandledBefore extends Error {}

/**
 * Calls a handler with a transaction that marks the message as handled at the handler's first touch
 * of it: an event that a service ignores costs no write. Nothing a handler does to rows or
 * publishes happens for a message that was handled before.
 */
export const handleOnce = async (
  transaction: Transaction,
  group: string,
  event: AnyEvent,
  handler: (transaction: Transaction) => Promise<unknown>,
): Promise<void> => {
  const mark = (): Promise<boolean> => transaction.markHandled(group, event.id, contentOf(event));
  let marking: Promise<boolean> | undefined;
  const marked = async (): Promise<void> => {
    marking ??= mark();
    if (!(await marking)) throw new HandledBefore();
  };
  const outgoing: OutgoingMessage[] = [];
  const own: Transaction = {
    rows: (table) => markingRows(transaction, table, marked),
    markHandled: (...mark) => transaction.markHandled(...mark),
    markAllHandled: (...marks) => transaction.markAllHandled(...marks),
    publish: (...messages) => void outgoing.push(...messages),
  };
  try {
    await handler(own);
    if (outgoing.length === 0) return;
    await marked();
    transaction.publish(...outgoing);
  } catch (error) {
    if (error instanceof HandledBefore) return;
    // A handler that fails before it touches anything fails again on every repetition: what was
    // parked stays parked.
    if (marking === undefined && !(await mark())) return;
    throw error;
  }
};

const markingRows = <Row extends object>(
  transaction: Transaction,
  table: Table<Row>,
  marked: () => Promise<void>,
): Rows<Row> => {
  return new Proxy(transaction.rows(table), {
    get: (rows, name: keyof Rows<Row>) => {
      const verb = rows[name] as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        await marked();
        return verb.apply(rows, args);
      };
    },
  });
};

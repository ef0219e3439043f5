import type { OutgoingMessage, Rows, Table, Transaction } from '@caretab/store';
import type { Binding } from './binding';
import { contentOf, type Decoded, isFinal } from './parking';
import type { SingleMessage } from './single-message';
import { carried, processing, traced } from './tracing';

type Readable = Extract<Decoded, { readonly event: unknown }>;

const isReadable = (one: Decoded): one is Readable => 'event' in one;

const WRITES: ReadonlySet<string> = new Set<keyof Rows<object>>([
  'insert',
  'insertIfAbsent',
  'insertAllAbsent',
  'save',
  'update',
  'insertSums',
  'delete',
]);

/** What one message of a batch does in the batch's transaction. */
class OwnPart implements Transaction {
  hasWritten = false;
  readonly outgoing: OutgoingMessage[] = [];

  constructor(private readonly whole: Transaction) {}

  rows<Row extends object>(table: Table<Row>): Rows<Row> {
    return new Proxy(this.whole.rows(table), {
      get: (rows, name: keyof Rows<Row> & string) => {
        const verb = rows[name] as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          if (WRITES.has(name)) this.hasWritten = true;
          return verb.apply(rows, args);
        };
      },
    });
  }

  markHandled(...mark: Parameters<Transaction['markHandled']>): Promise<boolean> {
    return this.whole.markHandled(...mark);
  }

  markAllHandled(...marks: Parameters<Transaction['markAllHandled']>): Promise<boolean[]> {
    return this.whole.markAllHandled(...marks);
  }

  publish(...messages: readonly OutgoingMessage[]): void {
    this.outgoing.push(...messages);
  }
}

interface Together {
  readonly decoded: readonly Decoded[];
  /** Of all messages of the batch, also of those whose type is not handled. */
  readonly keys: readonly string[];
  readonly single: SingleMessage;
}

/**
 * Handles all messages of a batch in one transaction: marked at once, prepared for at once, then one
 * by one. A message that is refused by name before it wrote anything is parked with the rest of the
 * batch; any other failure is the batch's.
 */
export const handleTogether = async (
  transaction: Transaction,
  binding: Binding,
  { decoded, keys, single }: Together,
): Promise<void> => {
  const { group } = binding;
  for (const one of decoded)
    if (!isReadable(one))
      await single.parkIn(transaction, binding, one, { error: one.error, attempts: 1 });
  const readable = decoded.filter(isReadable);
  const isFresh = await transaction.markAllHandled(
    group,
    readable.map(({ event }) => ({ messageId: event.id, content: contentOf(event) })),
  );
  const fresh = readable.filter((_one, index) => isFresh[index]);
  await binding.prepare?.(
    fresh.map(({ event }) => event),
    { transaction, keys },
  );
  for (const one of fresh) {
    const own = new OwnPart(transaction);
    try {
      await processing(binding, one.message, () =>
        binding.call(carried(one.event), { transaction: traced(own) }),
      );
      transaction.publish(...own.outgoing);
    } catch (error) {
      if (!isFinal(error) || own.hasWritten) throw error;
      await single.parkIn(transaction, binding, one, { error, attempts: 1 });
    }
  }
};

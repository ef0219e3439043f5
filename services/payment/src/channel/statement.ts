import { FEN_MAX } from '@caretab/kernel';
import type { Answer } from './answer';
import type { StatementEntry } from './channel';

const OK = 200;
const KIND = /^[a-z0-9][a-z0-9_-]{0,39}$/;
const ID_MAX = 120;

const idOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== ''
    ? value.replace(/[^\x20-\x7e]/g, '?').slice(0, ID_MAX)
    : undefined;

const entryOf = (row: unknown, number: number): StatementEntry => {
  const { kind, orderId, refundId, reference, amountFen } = (row ?? {}) as Record<string, unknown>;
  const isKnown = kind === 'capture' || kind === 'refund';
  const isWhole = Number.isSafeInteger(amountFen) && Math.abs(amountFen as number) <= FEN_MAX;
  const id = idOf(refundId) ?? idOf(orderId);
  const isReadable = isKnown ? isWhole && (amountFen as number) >= 0 && id !== undefined : isWhole;
  return {
    kind: typeof kind === 'string' && KIND.test(kind) && isReadable ? kind : 'unreadable',
    id: id ?? idOf(reference) ?? `row ${number}`,
    amountFen: isWhole ? (amountFen as number) : null,
  };
};

/**
 * The rows of a statement, each of them: one that cannot be read is of the kind `unreadable`, so
 * that it never hides the others. Undefined where there is no list of rows.
 */
export const readStatement = ({ status, body }: Answer): StatementEntry[] | undefined => {
  const entries = (body as { entries?: unknown } | null | undefined)?.entries;
  return status === OK && Array.isArray(entries)
    ? entries.map((row, index) => entryOf(row, index + 1))
    : undefined;
};

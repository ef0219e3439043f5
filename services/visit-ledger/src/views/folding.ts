import type { RecordedEvent } from '@caretab/event-store';
import { contentHash } from '@caretab/kernel';
import { stream, type Transaction } from '@caretab/store';
import { accountBalanceView } from './account-balance.view';
import { institutionDayView } from './institution-day.view';
import type { KeptRows } from './kept-rows';
import { personVisitsView } from './person-visits.view';
import { recordedFact, type RecordedFact, type View } from './view';
import { visitView } from './visit.view';

export const views: readonly View<any>[] = [
  visitView,
  personVisitsView,
  institutionDayView,
  accountBalanceView,
];

export const DIFFERENCES_MAX = 100;

/** Rows by key, for each view by the name of its table. */
export type ChangedRows = ReadonlyMap<string, ReadonlyMap<string, any>>;

/** Folds facts into the rows of every view, and gives those that changed. What is kept is not read. */
export const foldInto = async (
  transaction: Transaction,
  events: readonly RecordedEvent[],
  kept?: KeptRows,
): Promise<ChangedRows> => {
  const facts = events.map(recordedFact);
  const changed = new Map<string, Map<string, any>>();
  for (const view of views) {
    const keys = [...new Set(facts.flatMap((fact) => view.keysOf(fact)))];
    const rows = await rowsOf(transaction, view, keys, kept);
    for (const fact of facts) applyTo(view, rows, fact);
    if (rows.size > 0) await transaction.rows<any>(view.table).save(...rows.values());
    changed.set(view.table.name, rows);
  }
  return changed;
};

const rowsOf = async (
  transaction: Transaction,
  view: View<any>,
  keys: readonly string[],
  kept?: KeptRows,
): Promise<Map<string, any>> => {
  const keptOf = (key: string): object | undefined => kept?.get(view.table.name, key);
  const known = keys.flatMap((key) => keptOf(key) ?? []);
  const unknown = keys.filter((key) => !keptOf(key));
  const read =
    unknown.length > 0
      ? await transaction.rows<any>(view.table).find({ [view.keyField]: { in: unknown } })
      : [];
  return indexed(view, [...known, ...read]);
};

export const applyTo = (
  view: View<any>,
  rows: Map<string, any>,
  fact: RecordedFact,
  isWanted: (key: string) => boolean = () => true,
): void => {
  for (const key of view.keysOf(fact))
    if (isWanted(key)) rows.set(key, view.apply(rows.get(key), fact, key));
};

/** The rows of a view whose keys are wanted: what a check compares in memory. */
export const allOf = async (
  transaction: Transaction,
  view: View<any>,
  isWanted: (key: string) => boolean,
): Promise<Map<string, any>> => {
  const rows = new Map<string, any>();
  for await (const batch of stream<any>(transaction.rows(view.table), {}))
    for (const row of batch) {
      const key = row[view.keyField] as string;
      if (isWanted(key)) rows.set(key, row);
    }
  return rows;
};

/** Which of so many parts a key belongs to. */
export const partOf = (key: string, parts: number): number => {
  let hash = 0;
  for (let index = 0; index < key.length; index += 1)
    hash = (hash * 31 + key.charCodeAt(index)) >>> 0;
  return hash % parts;
};

const indexed = (view: View<any>, rows: readonly any[]): Map<string, any> =>
  new Map(rows.map((row) => [row[view.keyField], row]));

export const differences = (stored: Map<string, any>, folded: Map<string, any>): string[] =>
  [...new Set([...stored.keys(), ...folded.keys()])]
    .filter((key) => contentHash(stored.get(key) ?? null) !== contentHash(folded.get(key) ?? null))
    .slice(0, DIFFERENCES_MAX);

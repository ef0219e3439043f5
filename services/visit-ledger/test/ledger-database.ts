import type { Clock } from '@caretab/kernel';
import { MemoryDatabase } from '@caretab/store';
import { CHECKPOINTS_AT_FIRST, checkpointTable } from '../src/views/checkpoint.table';

/** The ledger's database in memory, as its migrations leave it. */
export const ledgerDatabase = (clock?: Clock): MemoryDatabase => {
  const database = new MemoryDatabase(clock);
  for (const row of CHECKPOINTS_AT_FIRST) database.table(checkpointTable).put(row);
  return database;
};

import { AccessRecords1000000000008 } from '../migrations/host-3';
import { accessHeadTable, accessPruningTable, accessRecordTable } from './access-record.table';

export { AccessLog } from './access-log';
export { AccessRecordController } from './access-record.controller';
export { type AccessRecordShown, shownRecordHash } from './access-record-shown';
export * from './access-records';
export { concernedBy, concerning } from './concerning';

/** The tables of the chassis in every service's schema. */
export const accessTables = [accessRecordTable, accessHeadTable, accessPruningTable] as const;
export const accessMigrations = [AccessRecords1000000000008] as const;

import { aliasTable, begunErasureTable } from '@caretab/bus';
import { visitLedgerAnchors, visitLedgerVisits } from '@caretab/contracts';
import { givenEventKeys, type ServiceDefinition } from '@caretab/host';
import { anchorKeysIn } from './anchors/anchor-settings';
import { visitLedgerModule, type VisitLedgerPorts, visitLedgerPorts } from './app.module';
import { VisitLedgerConfig } from './config';
import { VisitLedger1700000000001 } from './migrations/visit-ledger-1';
import { VisitLedger1700000000002 } from './migrations/visit-ledger-2';
import { VisitLedger1700000000003 } from './migrations/visit-ledger-3';
import { VisitLedger1700000000004 } from './migrations/visit-ledger-4';
import { VisitLedger1700000000005 } from './migrations/visit-ledger-5';
import { VisitLedger1700000000006 } from './migrations/visit-ledger-6';
import { VisitLedger1700000000007 } from './migrations/visit-ledger-7';
import { VisitLedger1700000000008 } from './migrations/visit-ledger-8';
import { institutionRulesTable } from './ending/institution-rules.table';
import { VisitLedger1700000000009 } from './migrations/visit-ledger-9';
import { VisitLedger1700000000010 } from './migrations/visit-ledger-10';
import { VisitLedger1700000000011 } from './migrations/visit-ledger-11';
import { VisitLedger1700000000012 } from './migrations/visit-ledger-12';
import { VisitLedger1700000000016 } from './migrations/visit-ledger-16';
import { VisitLedger1700000000017 } from './migrations/visit-ledger-17';
import { VisitLedger1700000000026 } from './migrations/visit-ledger-26';
import { VisitLedger1700000000029 } from './migrations/visit-ledger-29';
import { VisitLedger1700000000023 } from './migrations/visit-ledger-23';
import { guardianTable } from './guardian/guardian.table';
import { planDocumentTable } from './plan/plan-document.table';
import { setAsideTable } from './set-aside/set-aside.table';
import { checkpointTable } from './views/checkpoint.table';
import { views } from './views/folding';
import { snapshotTable } from './visit/snapshot.table';

export type { VisitLedgerPorts } from './app.module';
export { CHECKPOINTS_AT_FIRST } from './views/checkpoint.table';
export { sealed, type SnapshotRow } from './visit/snapshot.table';

export const visitLedger: ServiceDefinition<typeof VisitLedgerConfig, VisitLedgerPorts> = {
  name: 'visit-ledger',
  config: VisitLedgerConfig,
  knownKeys: (config) => [
    givenEventKeys('VISIT_LEDGER_EVENT_KEYS', config.VISIT_LEDGER_EVENT_KEYS),
    ...anchorKeysIn(config),
  ],
  tables: [
    aliasTable,
    begunErasureTable,
    checkpointTable,
    guardianTable,
    institutionRulesTable,
    planDocumentTable,
    setAsideTable,
    snapshotTable,
    ...views.map((view) => view.table),
  ],
  migrations: [
    VisitLedger1700000000001,
    VisitLedger1700000000002,
    VisitLedger1700000000003,
    VisitLedger1700000000004,
    VisitLedger1700000000005,
    VisitLedger1700000000006,
    VisitLedger1700000000007,
    VisitLedger1700000000008,
    VisitLedger1700000000009,
    VisitLedger1700000000010,
    VisitLedger1700000000011,
    VisitLedger1700000000012,
    VisitLedger1700000000016,
    VisitLedger1700000000017,
    VisitLedger1700000000026,
    VisitLedger1700000000029,
    VisitLedger1700000000023,
  ],
  publishes: [visitLedgerVisits, visitLedgerAnchors],
  ports: visitLedgerPorts,
  module: visitLedgerModule,
};

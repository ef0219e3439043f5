import { aliasTable, begunErasureTable } from '@caretab/bus';
import { gatewayErasures, hospitalVisitEvents } from '@caretab/contracts';
import { givenSealingKeys, type ServiceDefinition } from '@caretab/host';
import { gatewayModule, type GatewayPorts, gatewayPorts } from './app.module';
import { GatewayConfig } from './config';
import { overVisitTable } from './fate/over-visits';
import { holderCaseTable } from './intake/holder-case.table';
import { eventTable, intakeTable } from './intake/intake.table';
import { presentedTable } from './intake/presented';
import { Gateway1700000000001 } from './migrations/gateway-1';
import { Gateway1700000000002 } from './migrations/gateway-2';
import { Gateway1700000000003 } from './migrations/gateway-3';
import { Gateway1700000000004 } from './migrations/gateway-4';
import { Gateway1700000000005 } from './migrations/gateway-5';
import { Gateway1700000000006 } from './migrations/gateway-6';
import { Gateway1700000000007 } from './migrations/gateway-7';
import { Gateway1700000000008 } from './migrations/gateway-8';
import { Gateway1700000000009 } from './migrations/gateway-9';
import { Gateway1700000000010 } from './migrations/gateway-10';
import { Gateway1700000000011 } from './migrations/gateway-11';
import { Gateway1700000000013 } from './migrations/gateway-13';
import { Gateway1700000000012 } from './migrations/gateway-12';
import { Gateway1700000000014 } from './migrations/gateway-14';
import { Gateway1700000000015 } from './migrations/gateway-15';
import { Gateway1700000000016 } from './migrations/gateway-16';
import { Gateway1700000000017 } from './migrations/gateway-17';
import { Gateway1700000000018 } from './migrations/gateway-18';
import { Gateway1700000000020 } from './migrations/gateway-20';
import { Gateway1700000000023 } from './migrations/gateway-23';
import { Gateway1700000000033 } from './migrations/gateway-33';
import { Gateway1700000000029 } from './migrations/gateway-29';
import { mergedNumberTable, mergeTurnTable } from './intake/merged-numbers';
import { destroyedTable, mentionTable } from './quarantine/identifier-index.table';
import { quarantineTable, refusalTable } from './quarantine/quarantine.table';

export type { GatewayPorts } from './app.module';
export { Hl7Door } from './hl7/hl7-door';

/** The edge: HL7 v2 and HTTP in, contract events out. */
export const gateway: ServiceDefinition<typeof GatewayConfig, GatewayPorts> = {
  name: 'gateway',
  config: GatewayConfig,
  knownKeys: ({ GATEWAY_SEALING_KEY }) => [
    givenSealingKeys('GATEWAY_SEALING_KEY', GATEWAY_SEALING_KEY),
  ],
  tables: [
    intakeTable,
    eventTable,
    overVisitTable,
    holderCaseTable,
    mergedNumberTable,
    mergeTurnTable,
    quarantineTable,
    refusalTable,
    mentionTable,
    destroyedTable,
    presentedTable,
    begunErasureTable,
    aliasTable,
  ],
  migrations: [
    Gateway1700000000001,
    Gateway1700000000002,
    Gateway1700000000003,
    Gateway1700000000004,
    Gateway1700000000005,
    Gateway1700000000006,
    Gateway1700000000007,
    Gateway1700000000008,
    Gateway1700000000009,
    Gateway1700000000010,
    Gateway1700000000011,
    Gateway1700000000012,
    Gateway1700000000013,
    Gateway1700000000014,
    Gateway1700000000015,
    Gateway1700000000016,
    Gateway1700000000017,
    Gateway1700000000018,
    Gateway1700000000020,
    Gateway1700000000023,
    Gateway1700000000033,
    Gateway1700000000029,
  ],
  publishes: [hospitalVisitEvents, gatewayErasures],
  ports: gatewayPorts,
  module: gatewayModule,
};

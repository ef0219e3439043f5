import { payerIds } from '@caretab/benefits';
import { adjudicationClaims, adjudicationPlans, insurerSettlements } from '@caretab/contracts';
import type { ServiceDefinition } from '@caretab/host';
import { adjudicationModule } from './app.module';
import { AdjudicationConfig } from './config';
import { Adjudication1700000000001 } from './migrations/adjudication-1';
import { Adjudication1700000000002 } from './migrations/adjudication-2';
import { Adjudication1700000000010 } from './migrations/adjudication-10';
import { Adjudication1700000000011 } from './migrations/adjudication-11';
import { Adjudication1700000000009 } from './migrations/adjudication-9';
import { Adjudication1700000000012 } from './migrations/adjudication-12';
import { Adjudication1700000000013 } from './migrations/adjudication-13';
import { Adjudication1700000000015 } from './migrations/adjudication-15';
import { Adjudication1700000000016 } from './migrations/adjudication-16';
import { Adjudication1700000000018 } from './migrations/adjudication-18';
import { Adjudication1700000000019 } from './migrations/adjudication-19';
import { Adjudication1700000000021 } from './migrations/adjudication-21';
import { Adjudication1700000000027 } from './migrations/adjudication-27';
import { Adjudication1700000000024 } from './migrations/adjudication-24';
import { tables } from './tables';

export const adjudication: ServiceDefinition<typeof AdjudicationConfig> = {
  name: 'adjudication',
  config: AdjudicationConfig,
  tables,
  migrations: [
    Adjudication1700000000001,
    Adjudication1700000000002,
    Adjudication1700000000009,
    Adjudication1700000000010,
    Adjudication1700000000011,
    Adjudication1700000000012,
    Adjudication1700000000013,
    Adjudication1700000000015,
    Adjudication1700000000016,
    Adjudication1700000000018,
    Adjudication1700000000019,
    Adjudication1700000000021,
    Adjudication1700000000027,
    Adjudication1700000000024,
  ],
  publishes: [adjudicationClaims, adjudicationPlans, ...payerIds.map(insurerSettlements)],
  module: adjudicationModule,
};

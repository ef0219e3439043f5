import { identityInstitutions, identityPersons } from '@caretab/contracts';
import { givenSealingKeys, type ServiceDefinition } from '@caretab/host';
import { activationTable } from './activation/activation.table';
import { cardFilePartTable, cardFileTable } from './card/card-file.table';
import { cardBatchPersonTable, cardBatchTable } from './card/card-batch.table';
import { cardOperationTable } from './card/card-operation.table';
import { cardChangeTable, cardListEndTable, cardListTable, cardTable } from './card/card.table';
import { codeTable, codeTriesTable } from './code/code.table';
import { consentKeyTable, consentSignatureTable } from './consent/consent-key.table';
import { consentTable } from './consent/consent.table';
import { deathTable } from './death/death.table';
import { erasedPersonTable, erasureTable } from './erasure/erasure.table';
import { identityModule, type IdentityPorts, identityPorts } from './app.module';
import { IdentityConfig } from './config';
import { decodedCodeTable } from './issuer/decoded-code.table';
import { guardianshipTable } from './guardianship/guardianship.table';
import { institutionKeyTable } from './institution/institution-key.table';
import { institutionTable } from './institution/institution.table';
import { matchCaseTable } from './master-index/match-case.table';
import {
  matchKeyTable,
  recordLinkTable,
  sourceRecordTable,
} from './master-index/source-record.table';
import { mergedTokenTable, mergeTable } from './merge/merge.table';
import { Identity1700000000001 } from './migrations/identity-1';
import { Identity1700000000002 } from './migrations/identity-2';
import { Identity1700000000003 } from './migrations/identity-3';
import { Identity1700000000004 } from './migrations/identity-4';
import { Identity1700000000008 } from './migrations/identity-8';
import { Identity1700000000009 } from './migrations/identity-9';
import { Identity1700000000020 } from './migrations/identity-20';
import { Identity1700000000021 } from './migrations/identity-21';
import { Identity1700000000026 } from './migrations/identity-26';
import { Identity1700000000025 } from './migrations/identity-25';
import { Identity1700000000022 } from './migrations/identity-22';
import { Identity1700000000010 } from './migrations/identity-10';
import { Identity1700000000011 } from './migrations/identity-11';
import { Identity1700000000035 } from './migrations/identity-35';
import { Identity1700000000038 } from './migrations/identity-38';
import { Identity1700000000030 } from './migrations/identity-30';
import { Identity1700000000041 } from './migrations/identity-41';
import { Identity1700000000044 } from './migrations/identity-44';
import { Identity1700000000047 } from './migrations/identity-47';
import { Identity1700000000048 } from './migrations/identity-48';
import { identifierTable, personKeyTable, personTable } from './person/person.table';
import { assertionTable } from './sign-in/assertion.table';
import { signingKeyTable } from './sign-in/signing-key.table';
import { credentialTable, subjectTable } from './subject/subject.table';

export type { IdentityPorts } from './app.module';
export { blockingKeys } from './master-index/blocking';
export { type Compared, comparedOf, type Demographics } from './master-index/demographics';
export { Matching } from './master-index/matching';
export { nameForms } from './master-index/names';
export { matchWeights } from './master-index/weights';
export { Vault } from './person/vault';

/** Who exists, who stands for whom, which institutions may speak. */
export const identity: ServiceDefinition<typeof IdentityConfig, IdentityPorts> = {
  name: 'identity',
  config: IdentityConfig,
  knownKeys: ({ IDENTITY_MASTER_KEY }) => [
    givenSealingKeys('IDENTITY_MASTER_KEY', IDENTITY_MASTER_KEY),
  ],
  tables: [
    personTable,
    personKeyTable,
    identifierTable,
    guardianshipTable,
    institutionTable,
    institutionKeyTable,
    erasureTable,
    erasedPersonTable,
    subjectTable,
    credentialTable,
    signingKeyTable,
    assertionTable,
    sourceRecordTable,
    matchKeyTable,
    recordLinkTable,
    matchCaseTable,
    activationTable,
    consentTable,
    consentKeyTable,
    consentSignatureTable,
    cardTable,
    codeTable,
    codeTriesTable,
    decodedCodeTable,
    cardChangeTable,
    cardListTable,
    cardListEndTable,
    cardBatchTable,
    cardBatchPersonTable,
    cardFileTable,
    cardFilePartTable,
    cardOperationTable,
    deathTable,
    mergeTable,
    mergedTokenTable,
  ],
  migrations: [
    Identity1700000000001,
    Identity1700000000002,
    Identity1700000000003,
    Identity1700000000004,
    Identity1700000000008,
    Identity1700000000009,
    Identity1700000000020,
    Identity1700000000010,
    Identity1700000000011,
    Identity1700000000021,
    Identity1700000000025,
    Identity1700000000026,
    Identity1700000000030,
    Identity1700000000022,
    Identity1700000000035,
    Identity1700000000041,
    Identity1700000000044,
    Identity1700000000047,
    Identity1700000000048,
    Identity1700000000038,
  ],
  publishes: [identityPersons, identityInstitutions],
  ports: identityPorts,
  module: identityModule,
};

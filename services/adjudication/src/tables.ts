import { differenceTable } from '@caretab/host';
import { answerTable, deductionTable, standingTable } from './answer/answer.table';
import { centreOrderTable } from './centre/centre-order.table';
import { checkPlaceTable, claimFlagTable } from './check/claim-flag.table';
import { accumulatorTable } from './claim/accumulator.table';
import { claimLineTable, claimTable } from './claim/claim.table';
import { coverageTable } from './claim/coverage.table';
import { outsideUseTable } from './claim/outside-use.table';
import { entitlementTable } from './entitlement/entitlement.table';
import {
  planDocumentTable,
  planFileTable,
  planNameTable,
  planUseTable,
} from './document/document.table';
import { shadowRunTable } from './document/shadow-run.table';
import { institutionLevelTable } from './institution/institution-level.table';
import { resettlementTable } from './resettlement/resettlement.table';
import { settlementTable } from './settlement/settlement.table';
import { reviewStepTable } from './review/review-step.table';
import { membershipTable, memberTable, personalAccountTable } from './membership/membership.table';

/** Every table of the service, for the store. */
export const tables = [
  memberTable,
  membershipTable,
  personalAccountTable,
  institutionLevelTable,
  coverageTable,
  entitlementTable,
  centreOrderTable,
  accumulatorTable,
  outsideUseTable,
  claimTable,
  claimLineTable,
  resettlementTable,
  settlementTable,
  checkPlaceTable,
  claimFlagTable,
  reviewStepTable,
  standingTable,
  answerTable,
  deductionTable,
  differenceTable,
  planDocumentTable,
  planFileTable,
  planNameTable,
  planUseTable,
  shadowRunTable,
];

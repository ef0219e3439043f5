import { adjudicationClaims, insurerSettlements } from './adjudication';
import { visitLedgerAnchors } from './anchors';
import { creditAccounts, creditAuthorizations } from './credit';
import { creditErasures, gatewayErasures, notificationErasures, paymentErasures } from './erasures';
import { hospitalVisitEvents } from './hospital';
import { identityInstitutions, identityPersons } from './identity';
import { adjudicationPlans } from './plans';
import { paymentClearing, paymentPayments } from './payment';
import type { Topic } from './topic';
import { visitLedgerVisits } from './visit-ledger';

/** Every topic that does not belong to one insurer. */
export const topics: readonly Topic[] = [
  hospitalVisitEvents,
  visitLedgerVisits,
  visitLedgerAnchors,
  creditAuthorizations,
  creditAccounts,
  adjudicationClaims,
  adjudicationPlans,
  paymentPayments,
  paymentClearing,
  identityPersons,
  identityInstitutions,
  creditErasures,
  paymentErasures,
  notificationErasures,
  gatewayErasures,
];

/** All topics of a platform with these insurers. */
export const topicsFor = (payerIds: readonly string[]): readonly Topic[] => [
  ...topics,
  ...payerIds.map(insurerSettlements),
];

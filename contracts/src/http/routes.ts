import { accessRecordRoutes } from './access-records';
import { adjudicationRoutes } from './adjudication';
import { approvalRoutes } from './approvals';
import { arrearsRoutes } from './arrears';
import { bookRoutes } from './books';
import { chassisRoutes } from './chassis';
import { creditRoutes } from './credit';
import { edgeRoutes } from './edge';
import { gatewayRoutes } from './gateway';
import { identityRoutes } from './identity';
import { loanRoutes } from './loans';
import { visitConfirmationRoutes } from './visit-confirmations';
import { masterIndexRoutes } from './master-index';
import { mergeRoutes } from './merges';
import { linePolicyRoutes } from './line-policies';
import { notificationRoutes } from './notification';
import { paymentRoutes } from './payment';
import { planDocumentRoutes, publicPlanRoutes } from './plan-documents';
import { reviewRoutes } from './reviews';
import type { Route } from './route';
import { scoreAppealRoutes } from './score-appeals';
import { settlementAnswerRoutes } from './settlement-answers';
import { settlementRoutes } from './settlements';
import { signInRoutes } from './sign-in';
import { visitLedgerRoutes } from './visit-ledger';

/** Every route of the platform. */
export const allRoutes: readonly Route[] = [
  edgeRoutes,
  gatewayRoutes,
  identityRoutes,
  masterIndexRoutes,
  mergeRoutes,
  signInRoutes,
  creditRoutes,
  linePolicyRoutes,
  scoreAppealRoutes,
  arrearsRoutes,
  loanRoutes,
  visitConfirmationRoutes,
  visitLedgerRoutes,
  adjudicationRoutes,
  planDocumentRoutes,
  publicPlanRoutes,
  reviewRoutes,
  settlementAnswerRoutes,
  settlementRoutes,
  paymentRoutes,
  notificationRoutes,
  chassisRoutes,
  approvalRoutes,
  accessRecordRoutes,
  bookRoutes,
].flatMap((routes): readonly Route[] => Object.values(routes));

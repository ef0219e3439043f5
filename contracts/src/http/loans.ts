import { Type } from '@sinclair/typebox';
import { Fen, Instant, VisitId } from '../schemas';
import { route } from './route';
import { closed, Moment, oneOf } from './shapes';

const LenderId = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{1,39}$' });
const Difference = closed({
  visitId: VisitId,
  lenderId: LenderId,
  wanted: closed({ state: oneOf('reserved', 'drawn', 'released'), amountFen: Fen }),
  mirrored: closed({ state: oneOf('none', 'reserved', 'drawn', 'released'), amountFen: Fen }),
  repaidFen: Fen,
  difference: Type.String({ description: 'Why the bank and the mirror are not one: a code' }),
  differsSince: Moment,
});

/** Loans of banks, as credit mirrors them. */
export const loanRoutes = {
  noticeLoan: route({
    method: 'POST',
    path: '/credit/loans/notices',
    action: 'loans.notice',
    whose: 'public',
    summary: 'A bank says what of a loan was repaid in all, or that it is overdue',
    description:
      'Signed: HMAC-SHA256 in hex, by the agreed secret, over ' +
      '`at.lenderId.visitId.kind.amountFen`, within five minutes of `at`. Repeatable.',
    body: closed({
      lenderId: LenderId,
      visitId: VisitId,
      kind: oneOf('repaid', 'overdue'),
      amountFen: { ...Fen, description: 'Repaid: the whole so far. Overdue: what is' },
      at: { ...Instant, description: 'When it was signed' },
      signature: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    }),
    responses: { 204: null },
    problems: ['SIGNATURE_WRONG', 'LOAN_UNKNOWN'],
  }),
  listLoanDifferences: route({
    method: 'GET',
    path: '/credit/loans/differences',
    action: 'loans.list-differences',
    whose: 'platform',
    summary: 'Loans of which a bank and the mirror are not one, the oldest first, at most 100',
    responses: { 200: closed({ differences: Type.Array(Difference) }) },
    problems: [],
  }),
};

import { Type } from '@sinclair/typebox';
import { Fen, Instant, PersonId, VisitId } from '../schemas';
import { route } from './route';
import { closed, Moment, oneOf, orNull } from './shapes';

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
      'Signed: HMAC-SHA256 in hex, by the bank’s own key, over ' +
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
  noticeBankLine: route({
    method: 'POST',
    path: '/credit/bank-lines/notices',
    action: 'bank-lines.notice',
    whose: 'public',
    summary: 'A bank says how large the line is that it grants a person, or that it ended (0)',
    description:
      'Signed: HMAC-SHA256 in hex, by the bank’s own key, over `at.lenderId.personId.line.lineFen`, ' +
      'within five minutes of `at`. What was said earlier than the last changes nothing. What is held ' +
      'stays held.',
    body: closed({
      ...{ lenderId: LenderId, personId: PersonId, lineFen: Fen },
      at: { ...Instant, description: 'When it was signed' },
      signature: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    }),
    responses: { 204: null },
    problems: ['SIGNATURE_WRONG', 'BANK_LINE_UNKNOWN'],
  }),
  showBankLines: route({
    method: 'GET',
    path: '/credit/persons/{personId}/bank-lines',
    action: 'bank-lines.read',
    whose: { person: 'params.personId' },
    summary: 'What banks were asked for, and granted a person who agreed to it',
    params: closed({ personId: PersonId }),
    responses: {
      200: closed({
        personId: PersonId,
        lines: Type.Array(
          closed({
            lenderId: LenderId,
            state: oneOf('asked', 'granted', 'refused', 'ended'),
            lineFen: { ...Fen, description: 'The line is no larger with this bank' },
            saidAt: orNull(Moment),
          }),
        ),
      }),
    },
    problems: [],
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

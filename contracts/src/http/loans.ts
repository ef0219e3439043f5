import { Type } from '@sinclair/typebox';
import { Fen, Id, Instant, PersonId, VisitId } from '../schemas';
import { route } from './route';
import { closed, Count, Moment, oneOf, orNull } from './shapes';

const LenderId = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{1,39}$' });
const Repair = oneOf('ask-again', 'done-by-bank', 'noted');
const mirror = {
  visitId: VisitId,
  lenderId: LenderId,
  wanted: closed({ state: oneOf('reserved', 'drawn', 'released'), amountFen: Fen }),
  mirrored: closed({ state: oneOf('none', 'reserved', 'drawn', 'released'), amountFen: Fen }),
  repaidFen: Fen,
};
const DifferenceCode = Type.String({
  pattern: '^[A-Z][A-Z0-9_]{1,63}$',
  description: 'Why the bank and the mirror are not one',
});
const Difference = closed({
  ...mirror,
  difference: DifferenceCode,
  differsSince: Moment,
  evidence: closed({
    orders: { ...Count, description: 'How many the bank was given' },
    refusals: { ...Count, description: 'How often in a row it refused what has to be done' },
    refusedFor: Type.Optional(Type.String({ description: 'Why, as the bank says' })),
    saidRepaidFen: { ...Fen, description: 'What it says was repaid, whether it fits or not' },
  }),
  proposed: Repair,
});
const Evidence = Type.String({ minLength: 3, maxLength: 500 });
const Loan = closed({
  ...mirror,
  repairs: Type.Array(
    closed({
      ...{ repairId: Id, visitId: VisitId, lenderId: LenderId, difference: Type.String() },
      ...{ differsSince: Moment, repair: Repair, evidence: Type.String() },
      ...{ declaredBy: Type.String(), approvedBy: Type.String(), at: Moment },
    }),
    { description: 'What two persons decided of it, the latest first' },
  ),
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
            toldRevoked: Type.Array(oneOf('bank', 'debit-mandate'), {
              description: 'What was taken back of it, as the bank confirmed to know',
            }),
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
  showLoan: route({
    method: 'GET',
    path: '/credit/loans/{visitId}',
    action: 'loans.read',
    whose: { visit: 'params.visitId' },
    summary: 'The mirror of what a bank lends for a visit, and what two persons decided of it',
    params: closed({ visitId: VisitId }),
    responses: { 200: Loan },
    problems: ['LOAN_UNKNOWN'],
  }),
  repairLoan: route({
    method: 'POST',
    path: '/credit/loans/{visitId}/repair',
    action: 'loans.repair',
    whose: { visit: 'params.visitId' },
    approval: { when: 'always', shows: ['lenderId', 'difference', 'repair', 'evidence'] },
    summary: 'End a difference between a bank and the mirror of its loan, by two persons',
    description:
      '`ask-again`: the refused order, now. `done-by-bank`: the bank did it after all, as the evidence ' +
      'says. `noted`: its word does not count. What is due, and who owes it, stays.',
    params: closed({ visitId: VisitId }),
    body: closed({
      lenderId: LenderId,
      difference: DifferenceCode,
      repair: Repair,
      evidence: { ...Evidence, description: 'A letter or receipt of the bank; no personal data' },
    }),
    responses: { 200: Loan },
    problems: ['LOAN_UNKNOWN', 'RESOLUTION_UNFIT'],
  }),
};

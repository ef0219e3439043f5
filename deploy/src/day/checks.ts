import { type DayFacts, totalsOf } from './facts';
import type { Expectations } from './samples';

/** One sentence that must hold at the end of the day. */
export interface Check {
  readonly holds: boolean;
  readonly what: string;
}

export interface TroubleCheck extends Check {
  readonly planted: number;
  readonly asExpected: number;
}

/** `unconfirmed` is none of these: it was sent, and a crash lost its answer. */
const UNDELIVERED = ['pending', 'sending', 'failed'];

const same = (seen: unknown, expected: unknown): boolean => seen === expected;
const sumOf = (amounts: Iterable<number>): number =>
  [...amounts].reduce((total, amount) => total + amount, 0);

/** Each trouble of the day, with how many of it went as they should. */
export const checkTroubles = (
  facts: DayFacts,
  expectations: Expectations,
): readonly TroubleCheck[] => {
  const groups = new Map<string, { planted: number; asExpected: number }>();
  const add = (what: string, planted: number, asExpected: number): void => {
    const group = groups.get(what) ?? { planted: 0, asExpected: 0 };
    groups.set(what, {
      planted: group.planted + planted,
      asExpected: group.asExpected + asExpected,
    });
  };
  for (const { visitId, trouble, expect } of expectations.visits) {
    const visit = facts.visits.get(visitId);
    add(
      trouble ?? 'an ordinary visit',
      1,
      Number(
        visit !== undefined &&
          Object.entries(expect).every(([field, expected]) => same(visit[field], expected)),
      ),
    );
  }
  const refusedByCode = new Map<string, number>();
  for (const { code, count } of expectations.refused)
    refusedByCode.set(code, (refusedByCode.get(code) ?? 0) + count);
  for (const { trouble, code, count } of expectations.refused)
    add(
      `refused ${code}: ${trouble}`,
      count,
      facts.gateway.refused[code] === refusedByCode.get(code) ? count : 0,
    );
  for (const { trouble, service, count } of expectations.parked)
    add(`parked by ${service}: ${trouble}`, count, facts.parked[service] === count ? count : 0);
  return [...groups].map(([what, { planted, asExpected }]) => ({
    what,
    planted,
    asExpected,
    holds: planted === asExpected,
  }));
};

/**
 * Visits that are not as expected, field by field: what an operator looks at first when a check
 * fails.
 */
export const surprises = (facts: DayFacts, expectations: Expectations): readonly string[] =>
  expectations.visits.flatMap(({ visitId, trouble, expect }) => {
    const visit = facts.visits.get(visitId);
    if (!visit) return [`${visitId} (${trouble ?? 'ordinary'}): not on the ledger`];
    return Object.entries(expect)
      .filter(([field, expected]) => !same(visit[field], expected))
      .map(
        ([field, expected]) =>
          `${visitId} (${trouble ?? 'ordinary'}): ${field} is ${String(visit[field])}, expected ${String(expected)}`,
      );
  });

/** The invariants of the day, across services. */
export const checkDay = (facts: DayFacts, expectations: Expectations): readonly Check[] => {
  const totals = totalsOf(facts);
  const visits = [...facts.visits.values()];
  const field = (visit: Readonly<Record<string, unknown>>, name: string): number =>
    Number(visit[name] ?? 0);
  const openFen = sumOf(
    visits.filter((visit) => visit['status'] === 'open').map((visit) => field(visit, 'grossFen')),
  );
  const owedFen = totals.patientDueFen - totals.paidFen + totals.refundedFen;
  const patients = facts.trialBalance.accounts.find(({ account }) => account === 'patients');
  return [
    {
      what: 'debits equal credits in the ledger',
      holds: facts.trialBalance.differenceFen === 0 && facts.trialBalance.debitFen > 0,
    },
    {
      what: "debits equal credits in the payment service's journal",
      holds: facts.payment.trialBalance.differenceFen === 0,
    },
    {
      what: 'gross = insurers’ parts + patients’ dues',
      holds:
        totals.adjudicatedGrossFen === sumOf(Object.values(totals.payers)) + totals.patientDueFen,
    },
    {
      what: 'deferred − reversed = adjudicated + still open',
      holds: totals.deferredFen - totals.returnedFen === totals.adjudicatedGrossFen + openFen,
    },
    {
      what: 'owed = due − paid + refunded, and so says the book',
      holds: owedFen === (patients?.debitFen ?? 0) - (patients?.creditFen ?? 0),
    },
    {
      what: 'what the lines have outstanding is what patients owe',
      holds: facts.credit.outstandingFen === owedFen,
    },
    {
      what: 'every payment on the ledger is a capture, and every capture is on the ledger',
      holds:
        facts.payment.capturedFen === totals.paidFen &&
        facts.payment.refundedFen === totals.refundedFen &&
        facts.payment.owedFen === owedFen,
    },
    {
      what: 'ledger, payment service and acquirer agree on every movement of money',
      holds:
        facts.reconciliations.every(({ agrees }) => agrees) &&
        sumOf(facts.reconciliations.map(({ matched }) => matched)) ===
          totals.payments + totals.refunds,
    },
    {
      what: 'the cleared day nets to zero',
      holds:
        sumOf(facts.clearing.parties.map(({ amountFen }) => amountFen)) === 0 &&
        facts.clearing.parties.length > 0,
    },
    {
      what: 'every view equals the fold of its events',
      holds: facts.viewCheck.equal && facts.viewCheck.views.every(({ rows }) => rows > 0),
    },
    { what: 'no charge is left waiting', holds: facts.ledger.chargesWaiting === 0 },
    {
      what: 'every visit of the samples is on the ledger',
      holds:
        expectations.visits.every(({ visitId }) => facts.visits.has(visitId)) &&
        totals.opened === expectations.visits.length,
    },
    {
      what: 'every notice went out, each at most once',
      holds:
        UNDELIVERED.every((status) => (facts.notification.byStatus[status] ?? 0) === 0) &&
        facts.notification.notices > 0,
    },
  ];
};

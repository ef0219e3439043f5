import { formatYuan } from '@caretab/kernel';
import type { Check, TroubleCheck } from './checks';
import { type DayFacts, totalsOf } from './facts';

const WIDTH = 104;
const COUNT = 8;
const AMOUNT = 16;

const grouped = (amountFen: number): string =>
  formatYuan(amountFen).replace(/\B(?=(\d{3})+(?!\d))(?=.*\.)/g, ' ');
const row = (what: string, count: number | string, amountFen?: number): string => {
  const amount = amountFen === undefined ? '' : grouped(amountFen);
  const title = what.padEnd(WIDTH - COUNT - AMOUNT - 2);
  return `  ${title}${String(count).padStart(COUNT)}${amount.padStart(AMOUNT)}`;
};
const heading = (title: string, columns = ''): string =>
  `\n${title}${columns.padStart(WIDTH - title.length)}`;
const BOTH = `${'count'.padStart(COUNT)}${'CNY'.padStart(AMOUNT)}`;
const mark = (holds: boolean): string => (holds ? '✓' : '✗');
const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
const byName = <Value>(record: Readonly<Record<string, Value>>): [string, Value][] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

/** The day on one page: the same facts always give the same text. */
export const pageOf = (
  businessDate: string,
  facts: DayFacts,
  checks: readonly Check[],
  troubles: readonly TroubleCheck[],
): string => {
  const totals = totalsOf(facts);
  const insurersFen = sumOf(Object.values(totals.payers));
  const owedFen = totals.patientDueFen - totals.paidFen + totals.refundedFen;
  const { visitsByStatus } = facts.ledger;
  // A charge that was taken back while it still waited was never deferred: only what is left does
  // not depend on how fast an answer was.
  const sumOfVisits = (field: string): number =>
    sumOf([...facts.visits.values()].map((visit) => Number(visit[field])));
  const lines = [
    '═'.repeat(WIDTH),
    `CareTab · the day ${businessDate}`,
    '═'.repeat(WIDTH),
    heading('Visits', BOTH),
    row('opened', totals.opened),
    ...byName(visitsByStatus).map(([status, count]) =>
      row(`  ${status === 'adjudicated' ? 'adjudicated, not yet paid' : status}`, count),
    ),
    heading('Charges', BOTH),
    row(
      'deferred, and not taken back',
      sumOfVisits('chargesDeferred'),
      totals.deferredFen - totals.returnedFen,
    ),
    row('reversed', sumOfVisits('chargesReturned')),
    ...byName(totals.notDeferred).map(([reason, { count, amountFen }]) =>
      row(`not deferred: ${reason}`, count, amountFen),
    ),
    row('the same charge id with other content, reported', totals.conflicts),
    heading('Who bears the care of settled and adjudicated visits', BOTH),
    row('gross', '', totals.adjudicatedGrossFen),
    ...byName(totals.payers).map(([payerId, amountFen]) =>
      row(`  insurer ${payerId}`, '', amountFen),
    ),
    row('  insurers together', '', insurersFen),
    row('  patients', '', totals.patientDueFen),
    heading('Money', BOTH),
    row('payments', totals.payments, totals.paidFen),
    row('refunds', totals.refunds, totals.refundedFen),
    row('still owed by patients', facts.ledger.paymentsMissed, owedFen),
    heading('Cleared', BOTH),
    ...facts.clearing.parties.map(({ party, partyId, amountFen }) =>
      row(`  ${party} ${partyId} ${amountFen >= 0 ? 'receives' : 'pays'}`, '', Math.abs(amountFen)),
    ),
    heading('Messages refused, kept for an operator', BOTH),
    ...byName(facts.gateway.refused).map(([code, count]) => row(`  ${code}`, count)),
    ...byName(facts.parked)
      .filter(([, count]) => count > 0)
      .map(([service, count]) => row(`  parked by ${service}`, count)),
    heading('Notices', BOTH),
    ...byName(facts.notification.byTemplate).map(([template, byStatus]) =>
      row(`  ${template}`, sumOf(Object.values(byStatus))),
    ),
    heading('Planted troubles', 'planted  as expected'),
    ...troubles.map(
      ({ what, planted, asExpected, holds }) =>
        `${mark(holds)} ${what.padEnd(WIDTH - 22)}${String(planted).padStart(7)}${String(asExpected).padStart(13)}`,
    ),
    heading('Checks'),
    ...checks.map(({ what, holds }) => `${mark(holds)} ${what}`),
    '',
    `Trial balance ${grouped(facts.trialBalance.differenceFen)} CNY`,
    '═'.repeat(WIDTH),
  ];
  return lines.join('\n');
};

/** Where to go on from the page. `urlOf` completes a path; `auth` prints the operator's header field. */
export const urlsOf = (
  { urlOf, auth }: { urlOf(path: string): string; readonly auth: string },
  example: {
    readonly visitId: string;
    readonly personId: string;
    readonly institutionId: string;
    readonly businessDate: string;
  },
): string => {
  const curl = (path: string): string => `curl -H "$(${auth})" ${urlOf(path)}`;
  return [
    'Go on from here:',
    `  a visit            ${curl(`/v1/visits/${encodeURIComponent(example.visitId)}`)}`,
    `  its whole history  ${curl(`/v1/visits/${encodeURIComponent(example.visitId)}/history`)}`,
    `  a person's visits  ${curl(`/v1/persons/${example.personId}/visits`)}`,
    `  its claim          ${curl(`/adjudication/claims/${encodeURIComponent(example.visitId)}`)}`,
    `  a hospital's day   ` +
      curl(`/visit-ledger/institutions/${example.institutionId}/days/${example.businessDate}`),
    `  refused messages   ${curl('/gateway/quarantine')}`,
    `  parked messages    ${curl('/gateway/parked')}`,
    `  the book           ${curl('/visit-ledger/trial-balance')}`,
    `  health, metrics    curl ${urlOf('/health')}    curl ${urlOf('/metrics')}`,
    `  the API            ${urlOf('/docs')}`,
  ].join('\n');
};

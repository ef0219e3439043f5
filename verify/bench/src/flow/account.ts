import { readFileSync } from 'node:fs';
import { each } from '@caretab/hospital';
import type { SentVisit } from './hospitals';
import type { FlowSite } from './site';
import { CHARGES_PER_VISIT } from './visits';

const AT_ONCE = 16;
const FAULTS_MAX = 20;

interface VisitView {
  readonly status: string;
  readonly chargesDeferred: number;
  readonly grossFen: number;
  readonly patientDueFen: number;
  readonly paidFen: number;
  readonly refundedFen: number;
  readonly payers: readonly { readonly amountFen: number }[];
}

const linesOf = (file: string): any[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/**
 * Compares what was sent with the ledger's views, its accounts, the bank's own journal and the
 * hospitals' webhooks. Gives what does not add up; empty for a run that counts.
 */
export const faultsOf = async (
  { api, journal }: FlowSite,
  visits: readonly SentVisit[],
): Promise<readonly string[]> => {
  const faults: string[] = [];
  const fault = (text: string): void => void (faults.length < FAULTS_MAX && faults.push(text));
  let paidFen = 0;
  await each(visits, AT_ONCE, async ({ flow: { visitId, grossFen } }) => {
    const view = await api.get<VisitView>(`/v1/visits/${encodeURIComponent(visitId)}`);
    const payersFen = view.payers.reduce((sum, { amountFen }) => sum + amountFen, 0);
    paidFen += view.paidFen;
    if (view.status !== 'settled') fault(`${visitId} is ${view.status}`);
    if (view.chargesDeferred !== CHARGES_PER_VISIT || view.grossFen !== grossFen)
      fault(`${visitId}: ${view.chargesDeferred} charges of ${view.grossFen} fen, not ${grossFen}`);
    if (payersFen + view.patientDueFen !== grossFen)
      fault(`${visitId}: ${payersFen} + ${view.patientDueFen} fen are not ${grossFen}`);
    if (view.paidFen !== view.patientDueFen || view.refundedFen !== 0)
      fault(`${visitId}: ${view.paidFen} fen paid of ${view.patientDueFen}`);
  });
  const { differenceFen } = await api.get<{ differenceFen: number }>('/visit-ledger/trial-balance');
  if (differenceFen !== 0) fault(`the accounts are ${differenceFen} fen apart`);
  const captured = new Map<string, number>();
  for (const { type, payment } of linesOf(journal('acquirer')))
    if (type === 'payment' && payment.status === 'captured')
      captured.set(payment.orderId, payment.amountFen);
  const bankFen = [...captured.values()].reduce((sum, amountFen) => sum + amountFen, 0);
  if (bankFen !== paidFen) fault(`the bank captured ${bankFen} fen, the visits say ${paidFen}`);
  const told = new Set(
    linesOf(journal('webhooks')).flatMap(
      (entry) => /"visitId":"([^"]+)"/.exec(JSON.stringify(entry))?.[1] ?? [],
    ),
  );
  const untold = visits.filter(({ flow }) => !told.has(flow.visitId)).length;
  if (untold > 0) fault(`${untold} visits without a webhook`);
  return faults;
};

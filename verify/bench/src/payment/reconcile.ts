import type { Client } from 'pg';
import type { Process } from '../machine';
import { forgetPeak, peakRssMb, rssMb } from '../summaries/memory';
import { type Bank, statementOf } from './bank';
import type { ReconcileReading } from './report';
import { DAY, dayRows } from './rows';
import { medianOf, took } from './tables';

const RAW_ROUNDS = 3;

interface Reconciled {
  readonly matched: number;
  readonly onlyOurs: number;
  readonly onlyTheirs: number;
  readonly amountsDiffer: number;
}

/** Reconciles the day with the bank's statement of it, over HTTP; the tables are filled. */
export const measureReconcile = async (
  {
    client,
    service,
    bank,
  }: { readonly client: Client; readonly service: Process; readonly bank: Bank },
  visits: number,
): Promise<{ readonly reading: ReconcileReading; readonly found: readonly string[] }> => {
  const { rows } = await client.query<Parameters<typeof statementOf>[0][number]>(dayRows);
  bank.statement = statementOf(rows);
  const rawMs = await medianOf(RAW_ROUNDS, () => rawReconcile(client, bank));
  const rssBeforeMb = rssMb(service.pid);
  forgetPeak(service.pid);
  let reconciled: Reconciled | undefined;
  const reconcileMs = await took(async () => {
    const response = await fetch(`${service.url}/payment/reconciliations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ date: DAY }),
    });
    if (!response.ok)
      throw new Error(
        `POST /payment/reconciliations answered ${response.status}: ${await response.text()}`,
      );
    reconciled = (await response.json()) as Reconciled;
  });
  const { matched, onlyOurs, onlyTheirs, amountsDiffer } = reconciled!;
  const isRight = matched === rows.length && onlyOurs + onlyTheirs + amountsDiffer === 0;
  return {
    reading: {
      ...{ visits, rows: rows.length, reconcileMs, rawMs },
      ...{ rssBeforeMb, rssPeakMb: peakRssMb(service.pid) },
    },
    found: isRight
      ? []
      : [`reconciling ${rows.length} rows: ${JSON.stringify(reconciled)} is not all of them`],
  };
};

/** Both sides read whole by one client each, and laid side by side. */
const rawReconcile = async (client: Client, bank: Bank): Promise<void> => {
  const { rows } = await client.query<{ id: string; fen: number }>(dayRows);
  const ours = new Map(rows.map(({ id, fen }) => [id, fen]));
  for (let next: string | undefined = '0'; next !== undefined;) {
    const page = (await (
      await fetch(`${bank.url}/statement?date=${DAY}&after=${next}`)
    ).json()) as { entries: typeof bank.statement; next?: string };
    for (const { orderId, refundId, amountFen } of page.entries)
      if (ours.get(refundId ?? orderId) === amountFen) ours.delete(refundId ?? orderId);
    next = page.next;
  }
  if (ours.size > 0) throw new Error(`the statement of the bench lacks ${ours.size} rows`);
};

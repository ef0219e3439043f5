import { TWIN_KEYS } from '@caretab/event-store';
import { setTimeout as sleep } from 'node:timers/promises';
import { PgEventStore } from '@caretab/event-store-postgres';
import type { ChargeRecord } from './charge-record';
import { chargeOf } from './charges';
import type { Process } from './machine';

const PAGE_EVENTS = 5000;
const QUIET_TIMEOUT_MS = 300_000;
/** Schema of the ledger's events, as the service names it. */
const SCHEMA = 'visit_ledger_events';

/** Resolves when the service is idle; returns how long that took. */
export const untilQuiet = async (
  ledger: Pick<Process, 'get'>,
  service = 'visit-ledger',
): Promise<number> => {
  const startedAtMs = performance.now();
  for (;;) {
    const { parked = 0, ...backlog } = await ledger.get<Record<string, number>>(
      `/${service}/backlog`,
    );
    const left = Object.values(backlog).reduce((sum, count) => sum + count, 0);
    const tookMs = performance.now() - startedAtMs;
    if (parked > 0) throw new Error(`${parked} messages are parked`);
    if (left === 0) return tookMs;
    if (tookMs > QUIET_TIMEOUT_MS)
      throw new Error(`${service} does not become idle: ${JSON.stringify(backlog)}`);
    await sleep(20);
  }
};

/**
 * Adds to the book's faults whatever is not as it must be: each charge published as decided once,
 * on the ledger once, and its money in the accounts.
 */
export const audit = async (
  book: ChargeRecord,
  ledger: Pick<Process, 'get'>,
  databaseUrl: string,
): Promise<void> => {
  const onLedger = await timesOnLedger(book, databaseUrl);
  let deferredFen = 0;
  for (let number = 0; number < book.published; number += 1) {
    if (book.timesDecided(number) === 0) book.fault(`charge ${number} was never decided`);
    if (onLedger.times[number] !== 1)
      book.fault(`charge ${number} is on the ledger ${onLedger.times[number]} times`);
    if (onLedger.deferred[number]) deferredFen += chargeOf(number).amountFen;
  }
  const { debitFen, differenceFen } = await ledger.get<{ debitFen: number; differenceFen: number }>(
    '/visit-ledger/trial-balance',
  );
  if (differenceFen !== 0 || debitFen !== deferredFen)
    book.fault(
      `the accounts stand at ${debitFen} fen, ${differenceFen} apart; ${deferredFen} fen were deferred`,
    );
};

/** Reads the whole log: how often each charge was decided there, and whether it was deferred. */
export const timesOnLedger = async (
  book: ChargeRecord,
  url: string,
): Promise<{ readonly times: Uint8Array; readonly deferred: Uint8Array }> => {
  const times = new Uint8Array(book.published);
  const deferred = new Uint8Array(book.published);
  const events = new PgEventStore({ keys: TWIN_KEYS, url, schema: SCHEMA });
  try {
    for (let after = 0n; ;) {
      const page = await events.readAll({ after, countMax: PAGE_EVENTS });
      for (const { type, data } of page) {
        if (type !== 'ChargeDeferred' && type !== 'ChargeNotDeferred') continue;
        const number = Number((data as { charge: { chargeId: string } }).charge.chargeId.slice(1));
        if (!(number < book.published))
          book.fault(`a charge that nobody sent is on the ledger (${number})`);
        times[number]! += 1;
        deferred[number] = Number(type === 'ChargeDeferred');
      }
      if (page.length < PAGE_EVENTS) return { times, deferred };
      after = page.at(-1)!.position;
    }
  } finally {
    await events.close();
  }
};

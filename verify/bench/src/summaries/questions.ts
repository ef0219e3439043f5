/** One route that adds up tables, the rows that a visit leaves in them, and what it must answer. */
export interface Question {
  readonly service: 'payment' | 'notification' | 'credit' | 'visit-ledger';
  readonly path: string;
  /** Tables that the answer is made of. */
  readonly tables: readonly string[];
  /** Statements that add the rows of the visits $1 to $2, both included; a visit is its number. */
  readonly fill: readonly string[];
  /** What the service asks PostgreSQL. */
  readonly raw: readonly string[];
  /** Part of the answer after so many visits. */
  expected(visits: number): Readonly<Record<string, unknown>>;
}

const INSTITUTIONS = 40;
const VISITS_PER_DAY = 2000;
const DUE_FEN = 1000;
const PAYER_FEN = 3000;
/** One visit in a hundred gets some of its money back. */
const REFUND_EVERY = 100;
const REFUND_FEN = 100;
/** One account in a thousand is frozen; one in ten stands above its line. */
const FROZEN_EVERY = 1000;
const OVER_EVERY = 10;
const LINE_FEN = 100_000;
const OVER_FEN = 500;

const each = "generate_series($1::int, $2::int) as n, lateral (select 'v' || n as visit) as v";
const institution = `lpad((n % ${INSTITUTIONS})::text, 3, '0')`;

const journal = (debit: string, credit: string, amount: string, reference: string): string => `
  insert into payment.journal_entry (entry_id, reference, account, debit_fen, credit_fen, posted_at)
  select ${reference} || side, ${reference}, case side when '#1' then ${debit} else ${credit} end,
    case side when '#1' then ${amount} else 0 end, case side when '#1' then 0 else ${amount} end, now()
  from ${each}, unnest(array['#1', '#2']) as side`;

const payment: Question = {
  service: 'payment',
  path: '/payment/summary',
  tables: ['payment.collection', 'payment.refund', 'payment.journal_entry'],
  fill: [
    `insert into payment.collection (payment_id, visit_id, account_person_id, institution_id, closed_at, closed_date,
       revision, verdict, gross_fen, due_fen, captured_fen, refunding_fen, refunded_fen, status, attempts, orders,
       order_id, inquiries, next_attempt_at, decline_reason, offered_channel, offered_token, causation_id,
       traceparent)
     select 'pay-' || n, visit, 'p-' || n, 'HZ' || ${institution}, now(), current_date, 1, '{}',
       ${DUE_FEN + PAYER_FEN}, ${DUE_FEN}, ${DUE_FEN}, refunded, refunded, 'paid', 1, 1, 'order-' || n, 0,
       null, null, null, null, 'bench', null
     from ${each}, lateral (select case when n % ${REFUND_EVERY} = 0 then ${REFUND_FEN} else 0 end as refunded) as r`,
    `insert into payment.refund (refund_id, visit_id, order_id, amount_fen, channel, status, inquiries, next_attempt_at,
       reference, reason, refunded_at, channel_date)
     select 'refund-' || n, visit, 'order-' || n, ${REFUND_FEN}, 'bench', 'completed', 0, null, 'r', null, now(),
       current_date
     from ${each} where n % ${REFUND_EVERY} = 0`,
    journal(
      `'receivable/patients'`,
      `'payable/institution/HZ' || ${institution}`,
      `${DUE_FEN}`,
      `'due/' || n`,
    ),
    journal(
      `'receivable/insurer/' || (n % 3)`,
      `'payable/institution/HZ' || ${institution}`,
      `${PAYER_FEN}`,
      `'claim/' || n`,
    ),
    journal(`'channel/bench'`, `'receivable/patients'`, `${DUE_FEN}`, `'capture/' || n`),
  ],
  raw: [
    `select status, count(*), sum(due_fen), sum(captured_fen), sum(refunded_fen)
     from payment.collection group by status`,
    'select status, count(*) from payment.refund group by status',
    'select account, count(*), sum(debit_fen), sum(credit_fen) from payment.journal_entry group by account',
  ],
  expected: (visits) => ({
    visits,
    dueFen: visits * DUE_FEN,
    capturedFen: visits * DUE_FEN,
    refundedFen: Math.floor(visits / REFUND_EVERY) * REFUND_FEN,
    byStatus: { paid: visits },
    'trialBalance.debitFen': visits * (2 * DUE_FEN + PAYER_FEN),
    'trialBalance.differenceFen': 0,
  }),
};

const TEMPLATES = ['visit-closed', 'visit-settled', 'VisitClosed', 'VisitSettled'];

const notification: Question = {
  service: 'notification',
  path: '/notification/summary',
  tables: ['notification.notice'],
  fill: [
    `insert into notification.notice (notice_id, event_id, visit_id, recipient_id, channel, template, facts, status,
       attempts, next_attempt_at, occurred_at, sent_at)
     select template || n, 'e' || n, visit, 'r' || n, case when template ~ '^V' then 'webhook' else 'email' end,
       template, '{"visitId": "v", "amountFen": 1000}', 'sent', 1, null, now(), now()
     from ${each}, unnest(array['${TEMPLATES.join("', '")}']) as template`,
  ],
  raw: ['select template, status, count(*) from notification.notice group by template, status'],
  expected: (visits) => ({
    notices: visits * TEMPLATES.length,
    byStatus: { sent: visits * TEMPLATES.length },
  }),
};

const credit: Question = {
  service: 'credit',
  path: '/credit/summary',
  tables: ['credit.account'],
  fill: [
    `insert into credit.account (account_person_id, status, score, policy_id, line_fen, held_fen, outstanding_fen,
       over_line_fen, frozen_reason, opened_at, closed_at, entry_count)
     select 'p-' || n, 'open', 600, 'bench', ${LINE_FEN}, 0, ${LINE_FEN} + over, over,
       case when n % ${FROZEN_EVERY} = 0 then 'BENCH' end, now(), null, 1
     from ${each}, lateral (select case when n % ${OVER_EVERY} = 0 then ${OVER_FEN} else 0 end as over) as o`,
  ],
  raw: [
    `select status, count(*), sum(line_fen), sum(held_fen), sum(outstanding_fen), sum(over_line_fen)
     from credit.account group by status`,
    "select count(*) from credit.account where frozen_reason > ''",
  ],
  expected: (visits) => ({
    accounts: visits,
    openAccounts: visits,
    frozenAccounts: Math.floor(visits / FROZEN_EVERY),
    lineFen: visits * LINE_FEN,
    heldFen: 0,
    outstandingFen: visits * LINE_FEN + Math.floor(visits / OVER_EVERY) * OVER_FEN,
    overLineFen: Math.floor(visits / OVER_EVERY) * OVER_FEN,
  }),
};

const DAY = `date '2026-01-01' + (n / ${VISITS_PER_DAY})`;

const ledger: Question = {
  service: 'visit-ledger',
  path: '/visit-ledger/summary',
  tables: ['visit_ledger.visit', 'visit_ledger.institution_day'],
  fill: [
    `insert into visit_ledger.visit (visit_id, institution_id, person_id, account_person_id, business_date, status,
       visit_class, revision, held_fen, charges_deferred, charges_waiting, charges_not_deferred, charges_returned,
       conflicts, gross_fen, not_deferred_fen, patient_estimate_fen, patient_due_fen, paid_fen, refunded_fen, payers)
     select visit, 'HZ' || ${institution}, 'p-' || n, 'p-' || n, (${DAY})::text,
       'settled', 'outpatient', 1, 0, 10, 0, 0,
       0, 0, 4000, 0, 1000, 1000, 1000, 0, '[{"payerId": "city-employee", "amountFen": 3000}]'
     from ${each}`,
    `insert into visit_ledger.institution_day (day_id, institution_id, business_date, opened, cancelled, closed,
       adjudicated, settled, deferred_count, deferred_fen, returned_count, returned_fen, conflicts, not_deferred,
       adjudicated_gross_fen, payers, patient_due_fen, paid_fen, payments, refunded_fen, refunds)
     select i || '/' || d, i, d, count(*), 0,
       count(*), count(*), count(*), 10 * count(*), 4000 * count(*), 0, 0, 0, '{}',
       4000 * count(*), '{"city-employee": 3000}', 1000 * count(*), 1000 * count(*), count(*), 0, 0
     from (select 'HZ' || ${institution} as i, (${DAY})::text as d from ${each}) as visits group by i, d
     on conflict (day_id) do nothing`,
    `insert into visit_ledger.account_balance select 'institution:HZ' || ${institution}, 0, 0 from ${each} group by 1
     on conflict do nothing`,
  ],
  raw: [
    'select status, count(*), sum(charges_waiting) from visit_ledger.visit group by status',
    'select * from visit_ledger.institution_day order by business_date desc, day_id desc limit 1001',
    "select count(*) from visit_ledger.visit where missed_reason > ''",
  ],
  expected: (visits) => ({
    visitsByStatus: { settled: visits },
    chargesWaiting: 0,
    paymentsMissed: 0,
  }),
};

const book: Question = {
  service: 'visit-ledger',
  path: '/visit-ledger/trial-balance',
  tables: ['visit_ledger.account_balance'],
  fill: [],
  raw: [
    'select * from visit_ledger.account_balance order by account limit 1001',
    'select sum(debit_fen), sum(credit_fen) from visit_ledger.account_balance',
  ],
  expected: () => ({ differenceFen: 0 }),
};

export const questions: readonly Question[] = [payment, notification, credit, ledger, book];

const at = (answer: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value as any)?.[name], answer);

/** Where an answer is not what was filled in. */
export const faultsOf = (question: Question, answer: unknown, visits: number): string[] =>
  Object.entries(question.expected(visits)).flatMap(([path, wanted]) => {
    const [is, must] = [JSON.stringify(at(answer, path)), JSON.stringify(wanted)];
    return is === must ? [] : [`${question.path}: ${path} is ${is}, not ${must}`];
  });

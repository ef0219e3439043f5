/** The day of our books that is cleared; every visit of it. */
export const DAY = '2026-01-05';

const INSTITUTIONS = 40;
/** What a patient owes for each visit. */
export const DUE_FEN = 1000;
const PAYER_FEN = 3000;
/** One visit in ten is not paid; one in a hundred gets some of its money back. */
const UNPAID_EVERY = 10;
const REFUND_EVERY = 100;
const REFUND_FEN = 100;

const each = `generate_series(1, $1::int) as n,
  lateral (select 'HZ' || lpad((n % ${INSTITUTIONS})::text, 3, '0') as institution) as i,
  lateral (select institution || '-' || n as visit, n % ${UNPAID_EVERY} <> 1 as paid,
    n % ${REFUND_EVERY} = 0 as refunded) as v`;

const journal = (debit: string, credit: string, amount: number, reference: string): string => `
  insert into payment.journal_entry (entry_id, reference, account, debit_fen, credit_fen, posted_at, booked_on)
  select ${reference} || side, ${reference}, case side when '#1' then ${debit} else ${credit} end,
    case side when '#1' then ${amount} else 0 end, case side when '#1' then 0 else ${amount} end,
    '${DAY}', '${DAY}'
  from ${each}, unnest(array['#1', '#2']) as side`;

export const TABLES = [
  ...['collection', 'settlement', 'insurer_part', 'payment_order', 'capture', 'refund'],
  ...[
    'journal_entry',
    'clearing',
    'clearing_line',
    'reconciliation',
    'channel_reference',
    'outbox',
  ],
].map((name) => `payment.${name}`);

/** Statements that write the rows of $1 visits of the day. */
export const fill: readonly string[] = [
  `insert into payment.collection (payment_id, visit_id, account_person_id, institution_id, closed_at, closed_date,
     revision, verdict, gross_fen, due_fen, captured_fen, refunding_fen, refunded_fen, status, attempts, orders,
     order_id, inquiries, causation_id, uncleared_since)
   select md5(visit), visit, 'p-' || n, institution, '${DAY}', '${DAY}', 1, '{}', ${DUE_FEN + PAYER_FEN}, ${DUE_FEN},
     case when paid then ${DUE_FEN} else 0 end, back, back, case when paid then 'paid' else 'declined' end, 1, 1,
     null, 0, 'bench', '${DAY}'
   from ${each}, lateral (select case when refunded then ${REFUND_FEN} else 0 end as back) as b`,
  `insert into payment.settlement (visit_id, revision, kind, gross_fen, due_fen, booked_on)
   select visit, 1, 'settled', ${DUE_FEN + PAYER_FEN}, ${DUE_FEN}, '${DAY}' from ${each}`,
  `insert into payment.insurer_part (visit_id, payer_id, revision, amount_fen)
   select visit, payer, 1, ${PAYER_FEN} / 2 from ${each}, unnest(array['employee', 'commercial']) as payer`,
  `insert into payment.payment_order (order_id, visit_id, attempt, amount_fen, channel, status, started_at, ended_at)
   select 'order-' || n, visit, 1, ${DUE_FEN}, 'unionpay', case when paid then 'captured' else 'declined' end,
     '${DAY}', '${DAY}' from ${each}`,
  `insert into payment.capture (order_id, visit_id, amount_fen, channel, reference, captured_at, channel_date,
     booked_on)
   select 'order-' || n, visit, ${DUE_FEN}, 'unionpay', 'r-' || n, '${DAY}', '${DAY}', '${DAY}'
   from ${each} where paid`,
  `insert into payment.refund (refund_id, visit_id, order_id, amount_fen, channel, status, inquiries, reference,
     refunded_at, channel_date, booked_on)
   select 'refund-' || n, visit, 'order-' || n, ${REFUND_FEN}, 'unionpay', 'completed', 0, 'b-' || n, '${DAY}',
     '${DAY}', '${DAY}' from ${each} where refunded`,
  journal(`'receivable/patients'`, `'payable/institution/' || institution`, DUE_FEN, `'due/' || n`),
  journal(
    `'receivable/insurer/employee'`,
    `'payable/institution/' || institution`,
    PAYER_FEN,
    `'claim/' || n`,
  ),
  journal(`'channel/unionpay'`, `'receivable/patients'`, DUE_FEN, `'capture/' || n`),
];

/** Whose account every collection of the bench is paid from. */
export const PERSON = 'p-00000000-0000-4000-8000-000000000001';

/** The id of a visit's collection, as the service makes it. */
const paymentId = `(select substr(hex, 1, 8) || '-' || substr(hex, 9, 4) || '-8' || substr(hex, 14, 3) || '-8' ||
    substr(hex, 18, 3) || '-' || substr(hex, 21, 12)
  from (select encode(sha256(convert_to('["payment","' || visit || '"]', 'UTF8')), 'hex') as hex) as h)`;

/** A statement that writes $1 visits of which nothing is paid yet; `dueAt`: from when they are collected. */
export const fillDue = (dueAt: 'now()' | 'null'): string =>
  `insert into payment.collection (payment_id, visit_id, account_person_id, institution_id, closed_at, closed_date,
     revision, verdict, gross_fen, due_fen, captured_fen, refunding_fen, refunded_fen, status, attempts, orders,
     inquiries, causation_id, uncleared_since, next_attempt_at)
   select ${paymentId}, visit, '${PERSON}', institution, '${DAY}', '${DAY}', 1, '{}', ${DUE_FEN + PAYER_FEN},
     ${DUE_FEN}, 0, 0, 0, 'due', 0, 0, 0, 'bench', '${DAY}', ${dueAt}
   from ${each}`;

const some = each.replace('1, $1::int', '$1::int, $2::int');

/** What collecting the visits $1 to $2 writes, as plain SQL. */
export const rawCollecting: readonly string[] = [
  `insert /* bench */ into payment.payment_order (order_id, visit_id, attempt, amount_fen, channel, status,
     started_at, ended_at)
   select 'order-' || n, visit, 1, ${DUE_FEN}, 'unionpay', 'captured', now(), now() from ${some}`,
  `insert /* bench */ into payment.channel_reference (channel, reference, order_id)
   select 'unionpay', 'r-' || n, 'order-' || n from ${some}`,
  `insert /* bench */ into payment.capture (order_id, visit_id, amount_fen, channel, reference, captured_at,
     channel_date, booked_on)
   select 'order-' || n, visit, ${DUE_FEN}, 'unionpay', 'r-' || n, now(), '${DAY}', '${DAY}' from ${some}`,
  journal(`'channel/unionpay'`, `'receivable/patients'`, DUE_FEN, `'capture/' || n`).replace(
    each,
    some,
  ),
  `insert /* bench */ into payment.outbox (topic, key, headers, value)
   select 'payment.payments', visit, '{}', jsonb_build_object('visitId', visit, 'amountFen', ${DUE_FEN}) from ${some}`,
  `update /* bench */ payment.collection as c set status = 'paid', attempts = 1, orders = 1, captured_fen = ${DUE_FEN}
   from ${some} where c.visit_id = v.visit`,
];

/** All that moved on the day. */
export const dayRows = `
  select 'capture' as kind, order_id as id, order_id as "orderId", amount_fen::float8 as fen
  from payment.capture where channel_date = '${DAY}'
  union all select 'refund', refund_id, order_id, amount_fen::float8
  from payment.refund where channel_date = '${DAY}' and status = 'completed'`;

/** What a clearing writes and adds up, as plain SQL. */
export const rawClearing: readonly string[] = [
  `insert into payment.clearing (clearing_id, business_date, visits, cleared_at, payout)
   values ('raw', '${DAY}', 0, now(), 'open')`,
  `insert into payment.clearing_line (clearing_id, visit_id, party, party_id, amount_fen, booked_on)
   select 'raw', visit_id, party, party_id, sum(fen), current_date from (
     select c.visit_id, 'institution' as party, institution_id as party_id, s.gross_fen as fen
       from payment.settlement s join payment.collection c using (visit_id) where s.booked_on <= '${DAY}'
     union all select visit_id, 'insurer', payer_id, -amount_fen from payment.insurer_part
     union all select visit_id, 'funder', 'fund', -due_fen from payment.settlement where booked_on <= '${DAY}'
     union all select visit_id, party, party_id, sign * amount_fen from payment.capture,
       (values ('channel', 'unionpay', -1), ('funder', 'fund', 1)) as p (party, party_id, sign)
       where booked_on <= '${DAY}'
     union all select visit_id, party, party_id, sign * amount_fen from payment.refund,
       (values ('channel', 'unionpay', 1), ('funder', 'fund', -1)) as p (party, party_id, sign)
       where booked_on <= '${DAY}' and status = 'completed'
   ) as movements group by visit_id, party, party_id having sum(fen) <> 0`,
  `update payment.collection set uncleared_since = null where uncleared_since <= '${DAY}'`,
  `select party, party_id, sum(amount_fen) from payment.clearing_line where clearing_id = 'raw'
   group by party, party_id`,
];

/** What payment's summary asks PostgreSQL. */
export const rawSummary: readonly string[] = [
  'select status, count(*), sum(due_fen), sum(captured_fen), sum(refunded_fen) from payment.collection group by status',
  'select status, count(*) from payment.refund group by status',
  'select account, count(*), sum(debit_fen), sum(credit_fen) from payment.journal_entry group by account',
];

export interface Cleared {
  readonly visits: number;
  readonly balanceFen: number;
  readonly parties: readonly { readonly party: string; readonly amountFen: number }[];
}

/** Where the clearing of a day of so many visits is not what was filled in. */
export const clearingFaultsOf = (
  { visits, balanceFen, parties }: Cleared,
  filled: number,
): string[] => {
  const sumOf = (party: string): number =>
    parties.filter((one) => one.party === party).reduce((sum, { amountFen }) => sum + amountFen, 0);
  const paid = filled - Math.ceil(filled / UNPAID_EVERY);
  const heldFen = paid * DUE_FEN - Math.floor(filled / REFUND_EVERY) * REFUND_FEN;
  const wanted: Readonly<Record<string, readonly [number, number]>> = {
    visits: [visits, filled],
    balanceFen: [balanceFen, 0],
    institutions: [sumOf('institution'), filled * (DUE_FEN + PAYER_FEN)],
    insurers: [sumOf('insurer'), -filled * PAYER_FEN],
    channels: [sumOf('channel'), -heldFen],
    fund: [sumOf('funder'), heldFen - filled * DUE_FEN],
  };
  return Object.entries(wanted).flatMap(([what, [is, must]]) =>
    is === must ? [] : [`the clearing of ${filled} visits: ${what} is ${is}, not ${must}`],
  );
};

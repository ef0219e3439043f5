import { type CentreReply, type Doubt, fenOf } from '@caretab/centre';
import type { CentreOrderRow, CentreSettlement } from './centre-order.table';

type Output = Readonly<Record<string, unknown>>;

/** What came of a step of an order. */
export type StepOutcome =
  | { readonly of: 'send' | 'query'; readonly reply: CentreReply }
  /** One reply for each stamp that was to be undone. */
  | { readonly of: 'undo'; readonly replies: readonly CentreReply[] };

/** `wait`: later, with a growing delay; `now`: at once; `never`: nothing is left to do. */
export type Stepped = Pick<CentreOrderRow, 'step' | 'last' | 'settlement' | 'doubts'> & {
  readonly due: 'now' | 'wait' | 'never';
  readonly isNewMessage?: true;
};

/** Messages of one order; after so many a person looks. */
const MESSAGES_MAX = 5;
/** Questions with an answer that is not believed. */
const QUESTIONS_MAX = 10;
const DOUBTS_MAX = 10;

const CANCELS = ['2208', '2305'];
export const isCancelling = ({ infno }: Pick<CentreOrderRow, 'infno'>): boolean =>
  CANCELS.includes(infno);

const amount = (node: Output, name: string): number => {
  const yuan = node[name];
  return fenOf(typeof yuan === 'string' ? yuan : undefined);
};

export const settlementOf = (node: Output): CentreSettlement => ({
  setlId: String(node['setl_id'] ?? ''),
  mdtrtId: String(node['mdtrt_id'] ?? ''),
  totalFen: amount(node, 'medfee_sumamt'),
  fundFen: amount(node, 'fund_pay_sumamt'),
  accountFen: amount(node, 'acct_pay'),
  cashFen: amount(node, 'psn_cash_pay'),
  hospitalFen: amount(node, 'hosp_part_amt'),
});

const nodesOf = (output: Output): readonly Output[] =>
  [output['setlinfo']].flat().filter((node): node is Output => typeof node === 'object');

/** The settlements in force that an answer to 5203 has of this order's messages. */
const ownOf = (row: CentreOrderRow, output: Output): readonly Output[] => {
  const stamps = [row.stamp, ...row.former];
  const inForce = nodesOf(output).filter((node) => node['refd_setl_flag'] !== '1');
  return isCancelling(row)
    ? inForce.filter((node) => node['setl_id'] === row.data['setl_id'])
    : inForce.filter((node) =>
        stamps.some((stamp) => String(node['medins_setl_id'] ?? '').endsWith(stamp)),
      );
};

const endOf = (reply: CentreReply): string =>
  reply.status === 'unknown' ? reply.why.slice(0, 40) : reply.status;

const after = (row: CentreOrderRow, reply: CentreReply, more: Partial<Stepped>): Stepped => ({
  ...{ step: row.step, settlement: row.settlement, due: 'wait', last: endOf(reply) },
  doubts: [...('doubts' in reply ? reply.doubts : []), ...row.doubts].slice(0, DOUBTS_MAX),
  ...more,
});

/** What the send came to: whatever it was, 5203 says what stands; but for a plain no. */
const sent = (row: CentreOrderRow, reply: CentreReply): Stepped => {
  if (reply.status === 'answered') {
    const [node] = nodesOf(reply.output);
    const settlement = node && !isCancelling(row) ? settlementOf(node) : null;
    return after(row, reply, { settlement, due: 'now' });
  }
  if (reply.status === 'refused' && row.former.length === 0)
    return after(row, reply, { step: 'refused', due: 'never' });
  if (reply.status === 'not-sent')
    return reply.doubts.some(({ field }) => field !== '/sign_no')
      ? after(row, reply, { step: 'held', due: 'never' })
      : after(row, reply, { step: 'send' });
  return after(row, reply, { due: reply.status === 'unknown' ? 'wait' : 'now' });
};

const differs = (row: CentreOrderRow, found: CentreSettlement): Doubt[] =>
  found.totalFen === amount(row.data, 'medfee_sumamt')
    ? []
    : [{ code: 'TOTAL_DIFFERS', field: '/setlinfo/medfee_sumamt', why: 'is not what was sent' }];

/** What stands at the centre, as it says itself: adopted, else undone. */
const found = (row: CentreOrderRow, reply: CentreReply): Stepped => {
  if (reply.status === 'unknown' || reply.status === 'not-sent') return after(row, reply, {});
  if (reply.status === 'not-believed')
    return row.attempts < QUESTIONS_MAX
      ? after(row, reply, {})
      : after(row, reply, { step: 'held', due: 'never' });
  // A centre that says nothing of this visit is believed by its answer, or the message is undone.
  if (reply.status === 'refused')
    return row.settlement
      ? after(row, reply, { step: 'done', due: 'never' })
      : after(row, reply, { step: 'undo', due: 'now' });
  const own = ownOf(row, reply.output);
  const isNo = own.length === (isCancelling(row) ? 1 : 0) && row.last === 'refused';
  if (isNo) return after(row, reply, { step: 'refused', due: 'never', last: 'refused' });
  if (isCancelling(row) && own.length === 0)
    return after(row, reply, { step: 'done', due: 'never' });
  if (isCancelling(row) || own.length !== 1)
    return after(row, reply, { step: 'undo', due: 'now', settlement: null });
  const settlement = settlementOf(own[0]!);
  const doubts = differs(row, settlement);
  return after(row, reply, {
    ...{ step: doubts.length > 0 ? 'held' : 'done', due: 'never', settlement },
    doubts: [...doubts, ...row.doubts].slice(0, DOUBTS_MAX),
  });
};

/** All messages undone: another goes out, under another id. */
const undone = (row: CentreOrderRow, replies: readonly CentreReply[]): Stepped => {
  const bad = replies.find(({ status }) => status !== 'answered');
  if (bad?.status === 'refused') return after(row, bad, { step: 'held', due: 'never' });
  if (bad) return after(row, bad, {});
  const [reply] = replies;
  return row.former.length + 1 >= MESSAGES_MAX
    ? after(row, reply!, { step: 'held', due: 'never' })
    : after(row, reply!, { step: 'send', due: 'now', settlement: null, isNewMessage: true });
};

/** What an order does next, by what came of its last step. */
export const stepped = (row: CentreOrderRow, outcome: StepOutcome): Stepped => {
  if (outcome.of === 'undo') return undone(row, outcome.replies);
  return outcome.of === 'send' ? sent(row, outcome.reply) : found(row, outcome.reply);
};

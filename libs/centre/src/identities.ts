import { fenOf } from './fields';

/** A sum of the interface that does not hold, or an answer that is of something else. */
export interface Doubt {
  readonly code:
    | 'TOTAL_DIFFERS'
    | 'FUND_DIFFERS'
    | 'ACCOUNT_DIFFERS'
    | 'SCOPE_DIFFERS'
    | 'PERSON_SUM_DIFFERS'
    | 'LINE_DIFFERS'
    | 'LINES_MISSING'
    | 'OF_ANOTHER'
    | 'MALFORMED'
    | 'SIGNATURE_WRONG';
  readonly field: string;
  readonly why: string;
}

type Sums = Readonly<Record<string, unknown>>;
const amount = (sums: Sums, name: string): number => {
  const yuan = sums[name];
  return fenOf(typeof yuan === 'string' ? yuan : undefined);
};

const EQUATIONS = [
  ['TOTAL_DIFFERS', 'medfee_sumamt', ['fund_pay_sumamt', 'psn_part_amt', 'hosp_part_amt']],
  [
    'FUND_DIFFERS',
    'fund_pay_sumamt',
    ['hifp_pay', 'hifmi_pay', 'hifob_pay', 'hifes_pay', 'cvlserv_pay', 'maf_pay', 'oth_pay'],
  ],
  [
    'SCOPE_DIFFERS',
    'medfee_sumamt',
    ['fulamt_ownpay_amt', 'overlmt_selfpay', 'preselfpay_amt', 'inscp_scp_amt'],
  ],
  ['PERSON_SUM_DIFFERS', 'psn_part_amt', ['acct_pay', 'psn_cash_pay']],
] as const;

/**
 * The sums that the interface states of `setlinfo`, with what the hospital bears; one of another sign
 * (a cancelled settlement) holds to them too.
 */
export const identityDoubts = (setlinfo: Sums): readonly Doubt[] => {
  const doubts: Doubt[] = EQUATIONS.flatMap(([code, total, parts]) =>
    amount(setlinfo, total) === parts.reduce((sum, part) => sum + amount(setlinfo, part), 0)
      ? []
      : [{ code, field: `/setlinfo/${total}`, why: `is not ${parts.join(' + ')}` }],
  );
  const [account, mutual] = [amount(setlinfo, 'acct_pay'), amount(setlinfo, 'acct_mulaid_pay')];
  const isPart = Math.abs(mutual) <= Math.abs(account) && mutual * account >= 0;
  return isPart
    ? doubts
    : [
        ...doubts,
        {
          code: 'ACCOUNT_DIFFERS',
          field: '/setlinfo/acct_mulaid_pay',
          why: 'is no part of acct_pay',
        },
      ];
};

const LINE_PARTS = ['fulamt_ownpay_amt', 'overlmt_amt', 'preselfpay_amt', 'inscp_scp_amt'];

/** Lines as the centre divided them: each that was sent, whole, and none besides. */
export const lineDoubts = (sent: readonly Sums[], result: readonly Sums[]): readonly Doubt[] => {
  const open = new Map(
    sent.map((line) => [line['feedetl_sn'], amount(line, 'det_item_fee_sumamt')]),
  );
  const doubts: Doubt[] = [];
  for (const [at, line] of result.entries()) {
    const field = `/result/${at}/det_item_fee_sumamt`;
    const total = amount(line, 'det_item_fee_sumamt');
    if (open.get(line['feedetl_sn']) !== total)
      doubts.push({ code: 'LINE_DIFFERS', field, why: 'is not what was sent' });
    else if (total !== LINE_PARTS.reduce((sum, part) => sum + amount(line, part), 0))
      doubts.push({ code: 'LINE_DIFFERS', field, why: `is not ${LINE_PARTS.join(' + ')}` });
    open.delete(line['feedetl_sn']);
  }
  if (open.size > 0)
    doubts.push({ code: 'LINES_MISSING', field: '/result', why: `lacks ${open.size} lines` });
  return doubts;
};

const isNode = (value: unknown): value is Sums =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** One settlement, several, or none: as 5203 gives them. */
export const settlementsOf = (output: Sums): readonly Sums[] =>
  [output['setlinfo']].flat().filter(isNode);

const SAME = ['psn_no', 'mdtrt_id', 'ipt_otp_no'] as const;
/** Functions whose answers need not state sums. */
const CANCELS = ['2208', '2305'];

/** What speaks against an answer to a message; nothing: it is believed. */
export const doubtsOf = (infno: string, input: Sums, output: Sums): readonly Doubt[] => {
  const asked = isNode(input['data']) ? input['data'] : input;
  const said = [...settlementsOf(output), output['data'], output['baseinfo']].filter(isNode);
  const others = said.flatMap((node) =>
    SAME.filter((name) => asked[name] && node[name] && asked[name] !== node[name]).map(
      (name): Doubt => ({ code: 'OF_ANOTHER', field: `/${name}`, why: 'is not what was asked of' }),
    ),
  );
  const lines = input['feedetail'];
  const divided = Array.isArray(lines)
    ? lineDoubts(lines as Sums[], (output['result'] ?? []) as Sums[])
    : [];
  const sums = settlementsOf(output)
    .filter((one) => !CANCELS.includes(infno) || one['medfee_sumamt'] !== undefined)
    .map((one) => ({ psn_cash_pay: one['pdn_cash_pay'], ...one }))
    .flatMap(identityDoubts);
  const total = asked['medfee_sumamt'];
  const differs =
    infno !== '3201' &&
    typeof total === 'string' &&
    settlementsOf(output).some((one) => amount(one, 'medfee_sumamt') !== fenOf(total));
  const ofOtherCosts: Doubt[] = differs
    ? [{ code: 'TOTAL_DIFFERS', field: '/setlinfo/medfee_sumamt', why: 'is not what was sent' }]
    : [];
  return [...others, ...divided, ...sums, ...ofOtherCosts];
};

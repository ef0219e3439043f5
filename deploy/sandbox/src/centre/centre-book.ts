import { fenOf, functions, yuanOf } from '@caretab/centre';

type Data = Readonly<Record<string, any>>;

/** A message that the centre took in. */
export interface CentreCall {
  readonly infno: string;
  readonly msgid: string;
  readonly fixmedinsCode: string;
  readonly at: string;
  readonly input: Data;
}

export interface SandboxSettlement {
  readonly mdtrtId: string;
  readonly setlId: string;
  readonly psnNo: string;
  readonly msgid: string;
  readonly totalFen: number;
  readonly fundFen: number;
  readonly state: 'in-force' | 'cancelled' | 'reversed';
  /** The message that cancelled it. */
  readonly cancelledBy?: string;
}

export type Taken = { readonly output: object } | { readonly refused: string };

const FUND_SHARE = 0.7;
const SETTLES = ['2207', '2304'];
const CANCELS = ['2208', '2305'];
/** What it takes and answers with nothing. */
const TAKEN = '2202 2203 2205 2302 2402 2403 2404 2405 2501 2503 2505 2507 9002'.split(' ');

const setlinfoOf = (data: Data, totalFen: number, more: object): object => {
  const fundFen = Math.floor(totalFen * FUND_SHARE);
  const none = '0.00';
  return {
    ...{ mdtrt_id: data['mdtrt_id'], psn_no: data['psn_no'], insutype: data['insutype'] ?? '390' },
    ...{ med_type: data['med_type'] ?? '11', clr_type: '11', clr_way: '1', clr_optins: '330100' },
    ...{ medfee_sumamt: yuanOf(totalFen), inscp_scp_amt: yuanOf(totalFen) },
    ...{ fulamt_ownpay_amt: none, overlmt_selfpay: none, preselfpay_amt: none },
    ...{ act_pay_dedc: none, pool_prop_selfpay: '0.7000', hifp_pay: yuanOf(fundFen) },
    ...{ cvlserv_pay: none, hifes_pay: none, hifmi_pay: none, hifob_pay: none, maf_pay: none },
    ...{ oth_pay: none, fund_pay_sumamt: yuanOf(fundFen), hosp_part_amt: none },
    ...{ psn_part_amt: yuanOf(totalFen - fundFen), acct_pay: none, acct_mulaid_pay: none },
    ...{ psn_cash_pay: yuanOf(totalFen - fundFen), balc: none },
    ...more,
  };
};

const divided = (line: Data): object => ({
  ...{ feedetl_sn: line['feedetl_sn'], det_item_fee_sumamt: line['det_item_fee_sumamt'] },
  ...{ cnt: line['cnt'], pric: line['pric'], selfpay_prop: '0.0000', chrgitm_lv: '01' },
  ...{ fulamt_ownpay_amt: '0.00', overlmt_amt: '0.00', preselfpay_amt: '0.00' },
  inscp_scp_amt: line['det_item_fee_sumamt'],
});

/**
 * What the centre knows. It does not know a message again: one that arrives twice is done twice. What
 * 2601 undid is undone, also where it arrives only later.
 */
export class CentreBook {
  private readonly visits = new Map<string, string>();
  private readonly settled: SandboxSettlement[] = [];
  private readonly undone = new Set<string>();
  private count = 0;

  settlements(): readonly SandboxSettlement[] {
    return this.settled;
  }

  take({ infno, msgid, at, input }: CentreCall): Taken {
    const data: Data = input['data'] ?? input['mdtrtinfo'] ?? input['dscginfo'] ?? {};
    if (this.undone.has(msgid)) return { refused: '已冲正' };
    if (infno === functions.register.infno) return this.register(data, 'data', data['ipt_otp_no']);
    if (infno === functions.admit.infno) return this.register(data, 'result', data['ipt_no']);
    if (infno === '2204' || infno === '2301')
      return { output: { result: ((input['feedetail'] ?? []) as Data[]).map(divided) } };
    if (infno === '2206' || infno === '2303') return this.settle(data, undefined, at);
    if (SETTLES.includes(infno)) return this.settle(data, msgid, at);
    if (CANCELS.includes(infno)) return this.cancel(data, msgid);
    if (infno === functions.reverse.infno) return this.reverse(data);
    if (infno === functions.settlementOf.infno) return this.find(data);
    if (infno === functions.totals.infno) return this.balance(data);
    if (infno === functions.accumulators.infno) return { output: { cuminfo: [] } };
    return TAKEN.includes(infno) ? { output: {} } : { refused: '交易未开放' };
  }

  private register(data: Data, node: string, number: unknown): Taken {
    const mdtrtId = `M${String(++this.count).padStart(12, '0')}`;
    this.visits.set(mdtrtId, String(data['psn_no']));
    const said = { mdtrt_id: mdtrtId, psn_no: data['psn_no'], ipt_otp_no: number };
    return { output: { [node]: said } };
  }

  private settle(data: Data, msgid: string | undefined, at: string): Taken {
    const mdtrtId = String(data['mdtrt_id']);
    if (this.visits.get(mdtrtId) !== data['psn_no']) return { refused: '就诊信息不存在' };
    const totalFen = fenOf(data['medfee_sumamt']);
    if (msgid === undefined)
      return { output: { setlinfo: setlinfoOf(data, totalFen, {}), setldetail: [] } };
    const settlement: SandboxSettlement = {
      ...{ mdtrtId, setlId: `S${String(++this.count).padStart(12, '0')}`, psnNo: data['psn_no'] },
      ...{ msgid, totalFen, fundFen: Math.floor(totalFen * FUND_SHARE), state: 'in-force' },
    };
    this.settled.push(settlement);
    return { output: { setlinfo: this.shown(settlement, at), setldetail: [] } };
  }

  private shown(one: SandboxSettlement, at: string): object {
    const { mdtrtId: mdtrt_id, psnNo: psn_no, setlId: setl_id, msgid, totalFen } = one;
    const marks = { setl_id, medins_setl_id: msgid, setl_time: at };
    return setlinfoOf({ mdtrt_id, psn_no }, totalFen, marks);
  }

  private cancel({ setl_id, mdtrt_id, psn_no }: Data, msgid: string): Taken {
    const at = this.settled.findIndex((one) => one.setlId === setl_id && one.state === 'in-force');
    if (at < 0) return { refused: '结算信息不存在' };
    this.settled[at] = { ...this.settled[at]!, state: 'cancelled', cancelledBy: msgid };
    const sums = { mdtrt_id, psn_no, setl_id: `${String(setl_id)}R`, medins_setl_id: msgid };
    return { output: { setlinfo: sums, setldetail: [] } };
  }

  private reverse({ omsgid }: Data): Taken {
    this.undone.add(omsgid);
    for (const [at, one] of this.settled.entries())
      if (one.msgid === omsgid && one.state === 'in-force')
        this.settled[at] = { ...one, state: 'reversed' };
      else if (one.cancelledBy === omsgid && one.state === 'cancelled')
        this.settled[at] = { ...one, state: 'in-force' };
    return { output: {} };
  }

  private find({ psn_no, mdtrt_id, setl_id }: Data): Taken {
    const found = this.settled.filter(
      (one) =>
        one.state === 'in-force' &&
        one.psnNo === psn_no &&
        (!mdtrt_id || one.mdtrtId === mdtrt_id) &&
        (!setl_id || one.setlId === setl_id),
    );
    return { output: { setlinfo: found.map((one) => this.shown(one, '')) } };
  }

  private balance(data: Data): Taken {
    const inForce = this.settled.filter(({ state }) => state === 'in-force');
    const sum = (name: 'totalFen' | 'fundFen'): number =>
      inForce.reduce((total, one) => total + one[name], 0);
    const isEqual =
      fenOf(data['medfee_sumamt']) === sum('totalFen') &&
      fenOf(data['fund_pay_sumamt']) === sum('fundFen') &&
      Number(data['fixmedins_setl_cnt']) === inForce.length;
    return {
      output: { stmtinfo: { setl_optins: data['setl_optins'], stmt_rslt: isEqual ? '0' : '1' } },
    };
  }
}

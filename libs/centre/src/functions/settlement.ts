import { Type } from '@sinclair/typebox';
import { Code, Day, Decimal, Flag, Id, may, Moment, Money, node, rows, Text } from '../fields';

/** What a settlement comes to (`setlinfo`): the sums are needed, names and dates may be absent. */
export const settlementOutput = {
  mdtrt_id: Id(),
  setl_id: may(Text(30)),
  psn_no: Id(),
  psn_name: may(Text(50)),
  psn_cert_type: may(Code(6)),
  certno: may(Text(50)),
  gend: may(Code(6)),
  naty: may(Code(3)),
  brdy: may(Day()),
  age: may(Text(8)),
  insutype: may(Code(6)),
  psn_type: may(Code(6)),
  cvlserv_flag: may(Flag()),
  setl_time: may(Moment()),
  mdtrt_cert_type: may(Code(3)),
  med_type: may(Code(6)),
  medfee_sumamt: Money(),
  fulamt_ownpay_amt: Money(),
  overlmt_selfpay: Money(),
  preselfpay_amt: Money(),
  inscp_scp_amt: Money(),
  act_pay_dedc: may(Money()),
  hifp_pay: Money(),
  pool_prop_selfpay: may(Decimal(5, 4)),
  cvlserv_pay: Money(),
  hifes_pay: Money(),
  hifmi_pay: Money(),
  hifob_pay: Money(),
  maf_pay: Money(),
  oth_pay: Money(),
  fund_pay_sumamt: Money(),
  psn_part_amt: Money(),
  acct_pay: Money(),
  psn_cash_pay: Money(),
  hosp_part_amt: may(Money()),
  balc: may(Money()),
  acct_mulaid_pay: may(Money()),
  medins_setl_id: may(Text(30)),
  clr_optins: may(Code(6)),
  clr_way: may(Code(6)),
  clr_type: may(Code(6)),
};

const detail = rows({
  fund_pay_type: Code(6),
  inscp_scp_amt: may(Money()),
  crt_payb_lmt_amt: may(Money()),
  fund_payamt: Money(),
  fund_pay_type_name: may(Text(200)),
  setl_proc_info: may(Text(4_000)),
});

/** Of 2206, 2207, 2303, 2304. */
export const settled = node({ setlinfo: node(settlementOutput), setldetail: may(detail) });

/** Of 2208 and 2305: its sums are those of before with the other sign; 2208 misspells one. */
export const cancelled = node({
  setlinfo: node({
    ...Type.Partial(node(settlementOutput)).properties,
    mdtrt_id: Id(),
    setl_id: Id(),
    pdn_cash_pay: may(Money()),
  }),
  setldetail: may(detail),
});

/** What 2206, 2207, 2303 and 2304 are asked with. */
export const settling = {
  psn_no: Id(),
  mdtrt_cert_type: may(Code(3)),
  mdtrt_cert_no: may(Text(50)),
  card_sn: may(Text(32)),
  psn_cert_type: may(Code(6)),
  certno: may(Text(50)),
  psn_type: may(Code(6)),
  psn_name: may(Text(50)),
  med_type: may(Code(6)),
  medfee_sumamt: Money(),
  psn_setlway: Code(6),
  mdtrt_id: Id(),
  acct_used_flag: Flag(),
  insutype: Code(6),
};

/** What 2207 and 2304 add: sums as the upload of the details answered them. */
export const settlingFinally = {
  ...settling,
  invono: may(Text(20)),
  fulamt_ownpay_amt: may(Money()),
  overlmt_selfpay: may(Money()),
  preselfpay_amt: may(Money()),
  inscp_scp_amt: may(Money()),
};

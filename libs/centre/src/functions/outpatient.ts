import { Code, Day, Flag, Id, may, Moment, node, rows, Text } from '../fields';
import { dividedDetail, feeDetail } from './details';
import { centreFunction } from './function';
import { cancelled, settled, settling, settlingFinally } from './settlement';

const nothing = node({});
const undone = { psn_no: Id(), mdtrt_id: Id(), setl_id: Id() };

/** 2201–2208 and the reversal 2601. */
export const outpatientFunctions = {
  register: centreFunction(['2201', '门诊挂号', 'outpatient registration'], {
    input: node({
      data: node({
        psn_no: Id(),
        insutype: Code(6),
        begntime: Moment(),
        mdtrt_cert_type: Code(3),
        mdtrt_cert_no: Text(50),
        card_sn: may(Text(32)),
        psn_cert_type: may(Code(6)),
        certno: may(Text(50)),
        psn_type: may(Code(6)),
        psn_name: may(Text(50)),
        ipt_otp_no: Id(),
        atddr_no: may(Text(30)),
        dr_name: may(Text(50)),
        dept_code: may(Text(30)),
        dept_name: may(Text(100)),
        caty: may(Text(10)),
      }),
    }),
    output: node({ data: node({ mdtrt_id: Id(), psn_no: Id(), ipt_otp_no: may(Text(30)) }) }),
  }),
  registerCancel: centreFunction(['2202', '门诊挂号撤销', 'registration cancel'], {
    input: node({ data: node({ psn_no: Id(), mdtrt_id: Id(), ipt_otp_no: Id() }) }),
    output: nothing,
  }),
  diagnoses: centreFunction(['2203', '门诊就诊信息上传', 'visit and diagnoses'], {
    input: node({
      mdtrtinfo: node({
        mdtrt_id: Id(),
        psn_no: Id(),
        med_type: Code(6),
        begntime: Moment(),
        main_cond_dscr: may(Text(1_000)),
        dise_codg: may(Text(30)),
        dise_name: may(Text(500)),
        birctrl_type: may(Code(6)),
        birctrl_matn_date: may(Day()),
      }),
      diseinfo: rows({
        diag_type: Code(3),
        diag_srt_no: Text(2),
        diag_code: Id(20),
        diag_name: Id(100),
        diag_dept: Text(50),
        dise_dor_no: Text(30),
        dise_dor_name: Text(50),
        diag_time: Moment(),
        vali_flag: Flag(),
      }),
    }),
    output: nothing,
  }),
  details: centreFunction(['2204', '门诊费用明细上传', 'details'], {
    input: node({ feedetail: rows({ ...feeDetail, chrg_bchno: Id() }) }),
    output: node({ result: rows(dividedDetail) }),
  }),
  detailsCancel: centreFunction(['2205', '门诊费用明细撤销', 'details cancel'], {
    input: node({ data: node({ psn_no: Id(), mdtrt_id: Id(), chrg_bchno: Id() }) }),
    output: nothing,
  }),
  preSettle: centreFunction(['2206', '门诊预结算', 'pre-settlement'], {
    input: node({ data: node({ ...settling, chrg_bchno: Id() }) }),
    output: settled,
  }),
  settle: centreFunction(['2207', '门诊结算', 'settlement'], {
    ...{ input: node({ data: node({ ...settlingFinally, chrg_bchno: Id() }) }), output: settled },
    isUndoable: true,
  }),
  settleCancel: centreFunction(['2208', '门诊结算撤销', 'settlement cancel'], {
    ...{ input: node({ data: node(undone) }), output: cancelled, isUndoable: true },
  }),
  reverse: centreFunction(['2601', '冲正', 'reversal'], {
    input: node({ data: node({ psn_no: Id(), omsgid: Id(), oinfno: Id(4) }) }),
    output: nothing,
  }),
};

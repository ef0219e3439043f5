import { Code, Day, Flag, Id, may, Moment, node, rows, Text } from '../fields';
import { dividedDetail, feeDetail } from './details';
import { centreFunction } from './function';
import { cancelled, settled, settling, settlingFinally } from './settlement';

const nothing = node({});
const stay = { psn_no: Id(), mdtrt_id: Id() };
const midway = { mid_setl_flag: may(Flag()) };
const diagnoses = rows({
  psn_no: may(Id()),
  diag_type: Code(3),
  maindiag_flag: may(Flag()),
  diag_srt_no: Text(2),
  diag_code: Id(20),
  diag_name: Id(100),
  adm_cond: may(Text(500)),
  diag_dept: Text(50),
  dise_dor_no: Text(30),
  dise_dor_name: Text(50),
  diag_time: Moment(),
});
const admission = {
  psn_no: Id(),
  insutype: Code(6),
  coner_name: may(Text(50)),
  tel: may(Text(50)),
  begntime: Moment(),
  mdtrt_cert_type: Code(3),
  mdtrt_cert_no: may(Text(50)),
  certno: may(Text(50)),
  med_type: Code(6),
  ipt_no: Id(),
  medrcdno: may(Text(30)),
  atddr_no: may(Text(30)),
  chfpdr_name: may(Text(50)),
  adm_diag_dscr: may(Text(200)),
  adm_dept_codg: may(Text(30)),
  adm_dept_name: may(Text(100)),
  adm_bed: may(Text(30)),
  dscg_maindiag_code: may(Text(20)),
  dscg_maindiag_name: may(Text(100)),
  dise_type_code: may(Text(20)),
};
const discharge = {
  ...stay,
  insutype: Code(6),
  endtime: Moment(),
  dise_codg: may(Text(30)),
  dise_name: may(Text(500)),
  dscg_dept_codg: Text(30),
  dscg_dept_name: Text(100),
  dscg_bed: may(Text(30)),
  dscg_way: Code(3),
  die_date: may(Day()),
};

/** 2301–2305 and 2401–2405. */
export const inpatientFunctions = {
  fees: centreFunction(['2301', '住院费用明细上传', 'inpatient details'], {
    input: node({
      feedetail: rows({
        ...feeDetail,
        init_feedetl_sn: may(Text(30)),
        drord_no: may(Text(30)),
        med_type: may(Code(6)),
      }),
    }),
    output: node({ result: rows(dividedDetail) }),
  }),
  feesCancel: centreFunction(['2302', '住院费用明细撤销', 'inpatient details cancel'], {
    input: node({ data: rows({ ...stay, feedetl_sn: Id() }) }),
    output: nothing,
    fields: 'in-part',
  }),
  stayPreSettle: centreFunction(['2303', '住院预结算', 'inpatient pre-settlement'], {
    input: node({ data: node({ ...settling, ...midway, dscgTime: may(Moment()) }) }),
    output: settled,
  }),
  staySettle: centreFunction(['2304', '住院结算', 'inpatient settlement'], {
    ...{ input: node({ data: node({ ...settlingFinally, ...midway }) }), output: settled },
    isUndoable: true,
  }),
  staySettleCancel: centreFunction(['2305', '住院结算撤销', 'inpatient settlement cancel'], {
    input: node({ data: node({ ...stay, setl_id: Id() }) }),
    output: cancelled,
    isUndoable: true,
  }),
  admit: centreFunction(['2401', '入院办理', 'admission'], {
    input: node({ mdtrtinfo: node(admission), diseinfo: diagnoses }),
    output: node({ result: node({ mdtrt_id: Id() }) }),
    isUndoable: true,
  }),
  discharge: centreFunction(['2402', '出院办理', 'discharge'], {
    input: node({ dscginfo: node(discharge), diseinfo: diagnoses }),
    output: nothing,
  }),
  admissionChange: centreFunction(['2403', '住院信息变更', 'change of a stay'], {
    input: node({ adminfo: node({ ...stay }), diseinfo: may(diagnoses) }),
    output: nothing,
    fields: 'in-part',
  }),
  admissionCancel: centreFunction(['2404', '入院撤销', 'admission cancel'], {
    ...{ input: node({ data: node(stay) }), output: nothing },
  }),
  dischargeCancel: centreFunction(['2405', '出院撤销', 'discharge cancel'], {
    ...{ input: node({ data: node(stay) }), output: nothing, fields: 'in-part' },
  }),
};

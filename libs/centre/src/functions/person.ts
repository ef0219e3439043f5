import { Type } from '@sinclair/typebox';
import { Code, Day, Decimal, Flag, Id, may, Moment, Money, node, rows, Text } from '../fields';
import { centreFunction } from './function';
import { settlementOutput } from './settlement';

/** 5203 gives one or several. */
const queried = { ...settlementOutput, refd_setl_flag: may(Flag()) };
const ofPerson = { psn_no: Id(), mdtrt_id: may(Text(30)) };

/** Who a person is, what they are entitled to, and what was filed of them. */
export const personFunctions = {
  person: centreFunction(['1101', '人员信息获取', 'person'], {
    input: node({
      data: node({
        mdtrt_cert_type: Code(3),
        mdtrt_cert_no: Text(50),
        card_sn: may(Text(32)),
        begntime: may(Moment()),
        psn_cert_type: may(Code(6)),
        certno: may(Text(50)),
        psn_name: may(Text(50)),
      }),
    }),
    output: node({
      baseinfo: node({
        psn_no: Id(),
        psn_cert_type: may(Code(6)),
        certno: Text(50),
        psn_name: may(Text(50)),
        gend: may(Code(6)),
        naty: may(Code(3)),
        brdy: may(Day()),
        age: may(Text(8)),
      }),
      insuinfo: rows({
        balc: may(Money()),
        insutype: Code(6),
        psn_type: may(Code(6)),
        psn_insu_stas: Code(6),
        psn_insu_date: may(Day()),
        paus_insu_date: may(Day()),
        cvlserv_flag: may(Flag()),
        insuplc_admdvs: Text(6),
        emp_name: may(Text(200)),
      }),
      idetinfo: may(
        rows({
          psn_idet_type: Code(6),
          psn_type_lv: may(Text(6)),
          memo: may(Text(500)),
          begntime: may(Moment()),
          endtime: may(Moment()),
        }),
      ),
    }),
  }),
  entitlement: centreFunction(['2001', '人员待遇享受检查', 'benefit check'], {
    input: node({
      data: node({
        psn_no: Id(),
        insutype: Code(6),
        fixmedins_code: Id(12),
        med_type: Code(6),
        begntime: Moment(),
        endtime: may(Moment()),
        dise_codg: may(Text(30)),
      }),
    }),
    output: node({
      trtinfo: rows({
        psn_no: may(Id()),
        trt_chk_type: may(Code(3)),
        fund_pay_type: may(Code(6)),
        trt_enjymnt_flag: Flag(),
        begndate: may(Day()),
        enddate: may(Day()),
        trt_chk_rslt: may(Text(3_000)),
      }),
    }),
  }),
  transferFiling: centreFunction(['2501', '转院备案', 'transfer filing'], {
    input: node({
      refmedin: node({
        psn_no: Id(),
        insutype: may(Code(6)),
        tel: may(Text(50)),
        addr: may(Text(200)),
        insu_optins: may(Code(6)),
        diag_code: Text(20),
        diag_name: Text(100),
        dise_cond_dscr: may(Text(2_000)),
        reflin_medins_no: Id(12),
        reflin_medins_name: Id(200),
        mdtrtarea_admdvs: Id(6),
        hosp_agre_refl_flag: may(Code(3)),
        refl_type: Code(30),
        refl_date: Day(),
        refl_rea: Text(100),
        refl_opnn: Text(200),
        begndate: may(Day()),
        enddate: may(Day()),
      }),
    }),
    output: node({}),
    fields: 'in-part',
  }),
  chronicFiling: centreFunction(['2503', '人员慢特病备案', 'chronic-disease filing'], {
    input: node({
      data: node({
        psn_no: Id(),
        insutype: Code(6),
        opsp_dise_code: Id(),
        opsp_dise_name: Id(300),
        tel: may(Text(50)),
        addr: may(Text(200)),
        insu_optins: Code(6),
        ide_fixmedins_no: Id(),
        ide_fixmedins_name: Id(200),
        hosp_ide_date: Day(),
        diag_dr_codg: Id(),
        diag_dr_name: Id(50),
        begndate: Day(),
        enddate: may(Day()),
      }),
    }),
    output: node({}),
    fields: 'in-part',
  }),
  institutionFiling: centreFunction(['2505', '人员定点备案', 'fixed-point filing'], {
    input: node({
      data: node({
        psn_no: Id(),
        tel: may(Text(50)),
        addr: may(Text(200)),
        biz_appy_type: Code(3),
        begndate: Day(),
        enddate: may(Day()),
        agnter_name: may(Text(50)),
        agnter_cert_type: may(Code(6)),
        agnter_certno: may(Text(50)),
        agnter_tel: may(Text(30)),
        agnter_addr: may(Text(200)),
        agnter_rlts: may(Code(3)),
        fix_srt_no: Text(3),
        fixmedins_code: Id(12),
        fixmedins_name: Id(200),
        memo: may(Text(500)),
      }),
    }),
    output: node({}),
    fields: 'in-part',
  }),
  injuryFiling: centreFunction(['2507', '意外伤害备案', 'filing of an accidental injury'], {
    input: node({}),
    output: node({}),
    fields: 'none',
  }),
  settlementOf: centreFunction(['5203', '结算信息查询', 'settlement query'], {
    input: node({ data: node({ ...ofPerson, setl_id: Text(30) }) }),
    output: node({
      setlinfo: may(Type.Union([node(queried), rows(queried)])),
    }),
    fields: 'in-part',
  }),
  accumulators: centreFunction(['5206', '人员累计信息查询', 'accumulators of a person'], {
    input: node({ data: node({ psn_no: Id(), cum_ym: may(Text(6)) }) }),
    output: node({
      cuminfo: rows({
        insutype: Code(6),
        year: Text(4),
        cum_ym: may(Text(6)),
        cum_type_code: Code(6),
        cum: Decimal(16, 2),
      }),
    }),
  }),
};

import { Code, Count, Day, Flag, Id, may, Money, node, rows, Text } from '../fields';
import { centreFunction } from './function';

const nothing = node({});
const named = (infno: string, zh: string, en: string, isUndoable = false) =>
  centreFunction([infno, zh, en], {
    ...{ input: nothing, output: nothing, fields: 'none', isUndoable },
  });

/** Pharmacies, reconciliation and clearing, catalogue and list, payment by mobile. */
export const otherFunctions = {
  pharmacyPreSettle: named('2101', '药店预结算', 'pharmacy pre-settlement'),
  pharmacySettle: named('2102', '药店结算', 'pharmacy settlement', true),
  pharmacyCancel: named('2103', '药店结算撤销', 'pharmacy settlement cancel', true),
  totals: centreFunction(['3201', '医药机构费用结算对总账', 'totals'], {
    input: node({
      data: node({
        insutype: Code(6),
        clr_type: Code(6),
        setl_optins: Code(6),
        stmt_begndate: Day(),
        stmt_enddate: Day(),
        medfee_sumamt: Money(),
        fund_pay_sumamt: Money(),
        acct_pay: Money(),
        fixmedins_setl_cnt: Count(),
        refd_setl_flag: may(Flag()),
      }),
    }),
    output: node({
      stmtinfo: node({
        setl_optins: may(Code(6)),
        stmt_rslt: Code(6),
        stmt_rslt_dscr: may(Text(200)),
      }),
    }),
  }),
  totalsDetail: centreFunction(['3202', '医药机构费用结算对明细账', 'details of totals'], {
    input: node({
      data: node({
        setl_optins: Code(6),
        file_qury_no: Id(),
        stmt_begndate: Day(),
        stmt_enddate: Day(),
        medfee_sumamt: Money(),
        fund_pay_sumamt: Money(),
        cash_payamt: Money(),
        fixmedins_setl_cnt: Count(),
        clr_type: Code(6),
        refd_setl_flag: may(Flag()),
      }),
    }),
    output: node({ fileinfo: may(node({ file_qury_no: Id(), filename: may(Text(200)) })) }),
    fields: 'in-part',
  }),
  clearingApply: centreFunction(['3203', '清算申请', 'clearing application'], {
    input: node({
      data: node({
        clr_type: Code(30),
        clr_way: may(Code(30)),
        setlym: Text(6),
        psntime: Count(),
        medfee_sumamt: Money(),
        med_sumfee: Money(),
        fund_appy_sum: Money(),
        cash_payamt: Money(),
        acct_pay: Money(),
        begndate: Day(),
        enddate: Day(),
      }),
    }),
    output: nothing,
    fields: 'in-part',
  }),
  clearingCancel: centreFunction(['3204', '清算申请撤销', 'clearing application cancel'], {
    input: node({ data: node({ clr_appy_evt_id: Id() }) }),
    output: nothing,
    fields: 'in-part',
  }),
  mapping: centreFunction(['3301', '目录对照上传', 'catalogue mapping'], {
    input: node({
      data: rows({
        fixmedins_hilist_id: Id(),
        fixmedins_hilist_name: Id(200),
        list_type: Code(30),
        med_list_codg: may(Text(50)),
        begndate: Day(),
        enddate: Day(),
        aprvno: may(Text(30)),
        dosform: may(Text(200)),
        exct_cont: may(Text(2_000)),
        item_cont: may(Text(2_000)),
        prcunt: may(Text(100)),
        spec: may(Text(200)),
        pacspec: may(Text(100)),
        memo: may(Text(500)),
      }),
    }),
    output: nothing,
  }),
  settlementList: named('4101', '医疗保障基金结算清单信息上传', 'settlement list'),
  mobileDetails: named('6201', '移动支付费用明细上传', 'mobile payment: details'),
  mobilePay: named('6202', '移动支付下单', 'mobile payment: order'),
  mobileRefund: named('6203', '移动支付退费', 'mobile payment: refund'),
  mobileQuery: named('6301', '移动支付结算结果查询', 'mobile payment: query'),
  mobileNotice: named('6302', '移动支付结算结果通知', 'mobile payment: result notice'),
  mobileRevoke: named('6401', '移动支付费用明细上传撤销', 'mobile payment: details revoked'),
};

/** What a fact's value is. A list of codes meets a condition where one of its codes does. */
export type FactType = 'code' | 'codes' | 'boolean' | 'number' | 'date';
export type FactValue = string | number | boolean | readonly string[];

export interface Fact {
  readonly type: FactType;
  /** Of the whole claim, or of one of its lines. */
  readonly of: 'claim' | 'line';
  /** The only values there are, where they are few. */
  readonly values?: readonly string[];
  readonly en: string;
  readonly zh: string;
  /** Its name in the national interface. */
  readonly national?: string;
}

const claim = (type: FactType, en: string, zh: string, more: Partial<Fact> = {}): Fact => ({
  ...{ type, of: 'claim', en, zh },
  ...more,
});
const line = (type: FactType, en: string, zh: string, more: Partial<Fact> = {}): Fact => ({
  ...{ type, of: 'line', en, zh },
  ...more,
});
const national = (name: string): Partial<Fact> => ({ national: name });

/** The facts that a plan may look at; a plan may declare further ones of its own. */
export const FACTS: Readonly<Record<string, Fact>> = {
  care: claim('code', 'kind of care', '就诊类别', {
    values: ['outpatient', 'emergency', 'inpatient'],
  }),
  medType: claim('code', 'medical type', '医疗类别', national('med_type')),
  personType: claim('code', 'person type', '人员类别', national('psn_type')),
  aidClasses: claim('codes', 'aid classes', '身份类别', national('psn_idet_type')),
  age: claim('number', 'age in years', '年龄', national('age')),
  sex: claim('code', 'sex', '性别', { values: ['1', '2', '9'], national: 'gend' }),
  hospitalLevel: claim('code', 'hospital’s licensed level', '医院等级', national('hosp_lv')),
  deductibleLevel: claim('code', 'level for the deductible', '起付线医院等级', {
    national: 'dedc_hosp_lv',
  }),
  settlementLevel: claim('code', 'level for settlement', '医保结算等级', national('hi_setl_lv')),
  hospitalKind: claim('code', 'kind of hospital', '机构类别'),
  contracted: claim('boolean', 'contracted institution', '签约机构'),
  careArea: claim('code', 'area of the care', '就医地区划', national('admdvs')),
  insuredArea: claim('code', 'area of the insurance', '参保地区划', national('insuplc_admdvs')),
  outOfArea: claim('boolean', 'care outside the area of the insurance', '异地就医'),
  transferFiled: claim('boolean', 'transfer on file', '转诊备案'),
  chronicFiled: claim('boolean', 'chronic illness on file', '门慢特备案'),
  injury: claim('boolean', 'injury', '外伤', national('trum_flag')),
  thirdParty: claim('boolean', 'a third party is liable', '涉及第三方', national('rel_ttp_flag')),
  fundAdvance: claim('boolean', 'the fund advances', '先行支付', national('pre_pay_flag')),
  diagnosis: claim('code', 'principal diagnosis', '主要诊断', national('dise_codg')),
  diagnoses: claim('codes', 'diagnoses', '诊断', national('diag_code')),
  operations: claim('codes', 'operations', '手术', national('oprn_oprt_code')),
  birthControl: claim('code', 'kind of birth-control operation', '计划生育手术类别', {
    national: 'birctrl_type',
  }),
  admissionNumber: claim('number', 'which admission of the year', '年内住院次数'),
  days: claim('number', 'days of the stay', '住院天数'),
  membershipDays: claim('number', 'days since the membership began', '参保天数'),
  accountUse: claim('boolean', 'the personal account is used', '使用个人账户', {
    national: 'acct_used_flag',
  }),
  careDate: claim('date', 'date of the care', '就诊日期', national('begntime')),
  item: line('code', 'item', '项目', national('med_list_codg')),
  itemCategory: line('code', 'category of the item', '甲乙丙类', {
    values: ['A', 'B', 'C'],
    national: 'chrgitm_lv',
  }),
  itemKind: line('code', 'kind of charge', '费用类别', national('med_chrgitm_type')),
  itemList: line('code', 'list of the item', '目录类别', national('list_type')),
  itemGroups: line('codes', 'groups of the item', '项目分组'),
  restricted: line('boolean', 'restricted use', '限定支付范围', national('lmt_used_flag')),
  approval: line('code', 'hospital’s approval', '医院审批标志', {
    values: ['0', '1', '2'],
    national: 'hosp_appr_flag',
  }),
  ratioType: line('code', 'type of the item’s ratio', '自付比例类别', {
    values: ['10', '20', '30'],
    national: 'selfpay_prop_type',
  }),
  unitPrice: line('number', 'unit price in yuan', '单价', national('pric')),
  day: line('date', 'day of the service', '费用发生日期', national('fee_ocur_time')),
};

/** What a fact is where a claim does not say it; the others have to be said. */
export const whenUnsaid = (name: string, { type }: Fact): FactValue | undefined => {
  if (name === 'accountUse') return true;
  if (name === 'approval') return '0';
  if (name === 'ratioType') return '10';
  if (type === 'boolean') return false;
  return type === 'codes' ? [] : undefined;
};

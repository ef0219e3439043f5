/** Why an insurer takes something off a settlement, or asks; a closed list, in both languages. */
export const ANSWER_REASONS = {
  // Kinds of the regulation on the supervision of medical security funds (State Council no. 735).
  CHARGED_TWICE: { zh: '重复收费', en: 'charged twice' },
  ABOVE_STANDARD: { zh: '超标准收费', en: 'charged above the standard' },
  SPLIT_ITEM: { zh: '分解项目收费', en: 'one item charged in parts' },
  EXCHANGED_ITEM: { zh: '串换药品、耗材、项目', en: 'another item charged than was given' },
  OUT_OF_RESTRICTION: { zh: '超医保限定支付范围', en: 'outside of the restriction on payment' },
  IDLE_STAY: { zh: '挂床住院', en: 'a stay without care in the bed' },
  SPLIT_STAY: { zh: '分解住院', en: 'one stay billed as several' },
  // Reasons of rejection of openIMIS, in its order.
  INVALID_ITEM: { zh: '项目无效', en: 'the item is not valid' },
  NOT_IN_PRICE_LIST: { zh: '不在价格目录', en: 'not in the price list of the institution' },
  NO_PRODUCT: { zh: '无适用的保障产品', en: 'no product of the insured covers it' },
  CATEGORY_LIMIT: { zh: '人群类别不符', en: 'not for this category of patient' },
  FREQUENCY: { zh: '超出频次', en: 'given again too early' },
  NOT_THE_INSURED: { zh: '参保身份不符', en: 'the patient is not the insured' },
  DIAGNOSIS_NOT_LISTED: { zh: '诊断不在目录', en: 'the diagnosis is not in the list' },
  TARGET_DATE: { zh: '就诊日期不在保障期', en: 'the day of care is not covered' },
  CARE_TYPE: { zh: '就医类别不符', en: 'not for this type of care' },
  ADMISSIONS_MAX: { zh: '超出住院次数', en: 'more admissions than are covered' },
  VISITS_MAX: { zh: '超出门诊次数', en: 'more visits than are covered' },
  CONSULTATIONS_MAX: { zh: '超出会诊次数', en: 'more consultations than are covered' },
  SURGERIES_MAX: { zh: '超出手术次数', en: 'more operations than are covered' },
  DELIVERIES_MAX: { zh: '超出分娩次数', en: 'more deliveries than are covered' },
  QUANTITY_LIMIT: { zh: '超出数量限额', en: 'more of the item than is covered' },
  WAITING_PERIOD: { zh: '等待期内', en: 'within the waiting period' },
  ANTENATAL_MAX: { zh: '超出产检次数', en: 'more antenatal visits than are covered' },
  INVALID_CLAIM: { zh: '结算单无效', en: 'the claim as a whole is not valid' },
} as const;

export type AnswerReason = keyof typeof ANSWER_REASONS;
export const ANSWER_REASON_CODES = Object.keys(ANSWER_REASONS) as readonly AnswerReason[];

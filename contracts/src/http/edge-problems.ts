/** Codes with which the edge refuses what hospitals send. */
export const submissionProblems = [
  'IDEMPOTENCY_KEY_MISSING',
  'IDEMPOTENCY_KEY_REUSED',
  'IDENTITY_UNAVAILABLE',
  'OVERLOADED',
  'TIME_IN_FUTURE',
  'TIME_TOO_OLD',
  'VISIT_NUMBER_INVALID',
] as const;
export const changeProblems = [...submissionProblems, 'WRITE_FORBIDDEN'] as const;
export const returnProblems = [
  'RETURN_CONFLICT',
  'RETURN_EXCEEDS_CHARGE',
  'RETURN_AMOUNT_DIFFERS',
  'RETURN_ITEM_DIFFERS',
  'RETURN_BEFORE_CHARGE',
  'DRUG_DISPENSED',
] as const;
/** What is said of an open visit. */
export const stayProblems = ['VISIT_NOT_OPEN', 'TIME_BEFORE_START'] as const;

/** Of a visit, read by its hospital or an operator. */
export const readProblems = [
  'READ_FORBIDDEN',
  'VISIT_UNKNOWN',
  'LEDGER_UNAVAILABLE',
  'OVERLOADED',
] as const;

import type { CentreFunction } from './function';
import { inpatientFunctions } from './inpatient';
import { otherFunctions } from './others';
import { outpatientFunctions } from './outpatient';
import { personFunctions } from './person';
import { sessionFunctions } from './session';

/** Every function that is spoken here, by the word for it. */
export const functions = {
  ...sessionFunctions,
  ...personFunctions,
  ...outpatientFunctions,
  ...inpatientFunctions,
  ...otherFunctions,
};

export const functionOf = (infno: string): CentreFunction | undefined =>
  Object.values<CentreFunction>(functions).find((one) => one.infno === infno);

import { Type } from '@sinclair/typebox';

/**
 * Adjudication reads nothing from the environment beside what the chassis does: plans and catalogue
 * are data.
 */
export const AdjudicationConfig = Type.Object({});

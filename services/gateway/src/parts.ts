/** Injection tokens for what is no class of its own. */
export const PARTNERS = Symbol('partners');
export const MLLP_OPTIONS = Symbol('MLLP options');
export const MLLP_WATCH = Symbol('MLLP watch');

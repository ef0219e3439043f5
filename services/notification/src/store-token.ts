/** Injection token of this service's store. */
export const STORE = Symbol('store');

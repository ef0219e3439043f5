/** Injection token of a service's own rows (Store). */
export const STORE = Symbol('store');

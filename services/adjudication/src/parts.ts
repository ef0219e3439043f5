/** Injection token of the service's own rows. */
export const STORE = Symbol('adjudication.store');

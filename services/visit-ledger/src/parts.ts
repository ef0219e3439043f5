/** Injection tokens of this service's stores. */
export const EVENT_STORE = Symbol('event store');
export const STORE = Symbol('store');

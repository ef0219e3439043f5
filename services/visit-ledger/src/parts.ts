/** Injection token of this service's event store. */
export const EVENT_STORE = Symbol('event store');

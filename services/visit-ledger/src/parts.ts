/** Injection token of this service's event store. */
export const EVENT_STORE = Symbol('event store');
/** Injection token of the clock and the tolerances for times that hospitals report. */
export const TIMELY = Symbol('timely');

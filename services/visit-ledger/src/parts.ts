/** Injection token of this service's event store. */
export const EVENT_STORE = Symbol('event store');
/** Injection token of the anchors of the log. */
export const LOG_ANCHORS = Symbol('log anchors');
/** Injection token of which stream a visit is in. */
export const VISIT_STREAMS_OF = Symbol('streams of visits');
/** Injection token of the clock and the tolerances for times that hospitals report. */
export const TIMELY = Symbol('timely');

/** An event's id is on the stream already, at another place: a new event needs a new id. */
export class EventIdTaken extends Error {
  constructor(readonly stream: string) {
    super(`Stream ${stream} already holds an event with one of these ids at another place`);
    this.name = 'EventIdTaken';
  }
}

/**
 * The store did not answer in time. The append may or may not have happened: the same append again
 * finds out.
 */
export class EventStoreUnavailable extends Error {
  /** The request itself is valid: message handlers retry until it succeeds. */
  readonly kind = 'unavailable';

  constructor(what: string, options?: ErrorOptions) {
    super(`The event store is not available: ${what}`, options);
    this.name = 'EventStoreUnavailable';
  }
}

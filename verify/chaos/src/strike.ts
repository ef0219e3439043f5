/** What a fault struck, and how it ends. */
export interface Strike {
  /** For people: `kill -9 credit`. */
  readonly what: string;
  /**
   * The processes that must be themselves again before it is over; all of them when it is an
   * engine.
   */
  readonly struck: readonly string[];
  /** No other fault may hit it meanwhile. */
  readonly target: string;
  /** Does it; false when there was nothing to strike just then. */
  begin(): Promise<boolean>;
  /**
   * Undoes it; for what is started again: has it started. Resolves when that is under way, with
   * what more to wait for.
   */
  end(): Promise<void>;
  /** Resolves when the struck itself is back; what it serves may need longer. */
  back?(): Promise<unknown>;
}

/**
 * A decider is the whole behaviour of one aggregate, pure: `decide` turns a command into facts,
 * `evolve` folds a fact into state. `decide` returns [] when the command is a repetition, and
 * throws DomainError when it is impossible.
 */
export interface Decider<State, Command, Event> {
  readonly initial: State;
  readonly decide: (command: Command, state: State) => readonly Event[];
  readonly evolve: (state: State, event: Event) => State;
}

/** Folds events into the state. */
export const fold = <State, Command, Event>(
  decider: Decider<State, Command, Event>,
  events: Iterable<Event>,
  from: State = decider.initial,
): State => {
  let state = from;
  for (const event of events) state = decider.evolve(state, event);
  return state;
};

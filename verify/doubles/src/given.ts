import { type Decider, DomainError, fold } from '@caretab/kernel';

/**
 * Given these facts, when this command comes, then these facts follow: the whole grammar of a
 * decider's tests.
 */
export const specification = <State, Command, Event extends { readonly type: string }>(
  decider: Decider<State, Command, Event>,
) => ({
  given: (...facts: readonly Event[]) => ({
    when: (command: Command) => {
      const decide = (): readonly Event[] => decider.decide(command, fold(decider, facts));
      return {
        /** Exactly these facts, partial data allowed. */
        then: (
          ...expected: readonly { readonly type: Event['type']; readonly data?: object }[]
        ): void => {
          const decided = decide();
          expect(decided.map(({ type }) => type)).toEqual(expected.map(({ type }) => type));
          expect(decided).toMatchObject(expected);
        },
        thenNothing: (): void => expect(decide()).toEqual([]),
        thenRefused: (code: string): void => {
          let thrown: unknown;
          try {
            decide();
          } catch (error) {
            thrown = error;
          }
          expect(thrown).toBeInstanceOf(DomainError);
          expect((thrown as DomainError).code).toBe(code);
        },
      };
    },
  }),
});

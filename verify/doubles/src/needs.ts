/**
 * Tests that need something of the machine, such as a mount or a program. Where it is absent they
 * are not run: the run names and counts them, and in a pipeline (CI=true) they fail. `what` is what
 * an operator would install or allow, e.g. `a disk that tests may fill (mount, or prlimit)`.
 */
export const needs = (what: string, isThere: boolean, tests: () => void): void => {
  if (isThere) return tests();
  const title = `needs ${what}`;
  const absent = (): never => {
    throw new Error(`The pipeline must have it, or these tests test nothing: ${what}.`);
  };
  if (process.env.CI === 'true') test(title, absent);
  // The one skip there is: tools/nx/jest.js counts it by its title, and any other as failed.
  // eslint-disable-next-line no-restricted-syntax
  else test.skip(title, absent);
};

/** A lane ends after so many steps: else one that always finds something new would keep those that once found nothing from starting again. */
const STEPS_MAX = 5;

/**
 * Takes a round of steps in several lanes; resolves to how many were taken, so that the caller comes again while there are any. A lane that fails
 * ends; the others finish first, then the first failure is thrown.
 */
export const sideBySide = async (lanes: number, step: () => Promise<boolean>): Promise<number> => {
  let count = 0;
  const lane = async (): Promise<void> => {
    for (let steps = 0; steps < STEPS_MAX && (await step()); steps += 1) count += 1;
  };
  const outcomes = await Promise.allSettled(Array.from({ length: lanes }, lane));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  return count;
};

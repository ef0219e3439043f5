/**
 * Takes steps in several lanes until none has anything left to do; resolves to how many were taken. A lane that fails ends; the others finish first,
 * then the first failure is thrown.
 */
export const sideBySide = async (lanes: number, step: () => Promise<boolean>): Promise<number> => {
  let count = 0;
  const lane = async (): Promise<void> => {
    while (await step()) count += 1;
  };
  const outcomes = await Promise.allSettled(Array.from({ length: lanes }, lane));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  return count;
};

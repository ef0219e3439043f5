/**
 * A lane ends after so many steps: else one that always finds something new would keep those that
 * once found nothing from starting again.
 */
const STEPS_MAX = 5;

/**
 * Takes a round of steps in several lanes; resolves to how many were taken, so that the caller
 * comes again while there are any. The first lane looks whether there is anything at all, and each
 * lane that finds something (`found`, called as soon as that is known) has two more looked: a round
 * that finds nothing is one look, not one of each lane. A lane that fails ends and has two more
 * looked, since it may be its find that is to blame; the others finish first, then the first
 * failure is thrown.
 */
export const sideBySide = async (
  lanesMax: number,
  step: (found: () => void) => Promise<boolean>,
): Promise<number> => {
  let count = 0;
  const failures: unknown[] = [];
  const lanes: Promise<void>[] = [];
  const lane = async (startTwo: () => void): Promise<void> => {
    try {
      for (let steps = 0; steps < STEPS_MAX && (await step(startTwo)); steps += 1) {
        startTwo();
        count += 1;
      }
    } catch (error) {
      failures.push(error);
      startTwo();
    }
  };
  const start = (): void => {
    if (lanes.length === lanesMax) return;
    let hasStartedTwo = false;
    const at = lanes.length;
    lanes.push(Promise.resolve());
    lanes[at] = lane(() => {
      if (hasStartedTwo) return;
      hasStartedTwo = true;
      start();
      start();
    });
  };
  start();
  // Lanes start lanes, so there may be more to wait for when one has ended.
  for (let at = 0; at < lanes.length; at += 1) await lanes[at];
  if (failures.length > 0) throw failures[0];
  return count;
};

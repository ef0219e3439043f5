import type { DayOptions } from '../day/play-day';
import type { Steps } from './steps';

const SURPRISES_SHOWN = 20;

/**
 * Plays the sample day, prints its page, what is not as expected, and where to go on; whether every
 * check of the page holds.
 */
export const showDay = async (
  options: Omit<DayOptions, 'step'>,
  steps: Steps,
): Promise<boolean> => {
  const { playDay } = await import('../day/play-day');
  const result = await playDay({ ...options, step: (title, work) => steps.step(title, work) });
  steps.line(`\n${result.page}\n`);
  for (const surprise of result.surprises.slice(0, SURPRISES_SHOWN)) steps.line(`✗ ${surprise}`);
  steps.line(`${result.urls}\n\nAfter ${steps.elapsed()}.`);
  return result.good;
};

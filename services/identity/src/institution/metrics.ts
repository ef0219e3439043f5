import { meter } from '@caretab/telemetry';
import type { InstitutionKeys } from './institution-keys';

/** So long before its end a key is counted as ending. */
const ENDING_DAYS = 30;

/** Counts the keys that need a successor, read from the rows at each scrape. */
export const observeKeys = (keys: InstitutionKeys): void => {
  const ending = meter('caretab.identity').createObservableGauge(
    'caretab.identity.api_keys_ending',
    { description: `API keys that end within ${ENDING_DAYS} days, or have passed their end` },
  );
  ending.addCallback(async (result) => result.observe(await keys.countEnding(ENDING_DAYS)));
};

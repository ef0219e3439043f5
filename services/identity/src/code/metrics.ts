import { meter } from '@caretab/telemetry';

/** Counts codes that two places showed: one of them was copied. */
export const doubleUseCounter = (): (() => void) => {
  const twice = meter('caretab.identity').createCounter('caretab.identity.codes_used_twice', {
    description: 'Codes that were shown again, at another institution or for another visit',
  });
  return () => twice.add(1);
};

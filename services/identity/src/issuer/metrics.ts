import { meter } from '@caretab/telemetry';

/** Counts codes that others issue, by kind and by what their issuer answered. */
export const decodedCounter = (): ((kind: string, outcome: string) => void) => {
  const decoded = meter('caretab.identity').createCounter('caretab.identity.codes_decoded', {
    description: 'Codes that others issue, by kind and by what their issuer answered',
  });
  return (kind, outcome) => decoded.add(1, { kind, outcome });
};

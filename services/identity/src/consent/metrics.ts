import { meter } from '@caretab/telemetry';

const signatures = meter('caretab.identity').createCounter('caretab.identity.consent_signatures', {
  description: 'Signatures of citizens over consents, by outcome',
});

export const countSignature = (outcome: 'taken' | 'wrong' | 'old' | 'key-not-valid'): void =>
  signatures.add(1, { outcome });

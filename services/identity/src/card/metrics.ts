import type { CardFileKind } from '@caretab/contracts';
import { meter } from '@caretab/telemetry';

const identity = meter('caretab.identity');
const rows = identity.createCounter('caretab.identity.card_file_rows', {
  description: 'Rows of files about cards, by kind and outcome',
});
const checks = identity.createCounter('caretab.identity.card_checks', {
  description: 'ID cards and cards that card platforms asked about, by outcome',
});

export const countRows = (kind: CardFileKind, taken: number, rejected: number): void => {
  rows.add(taken, { kind, outcome: 'taken' });
  rows.add(rejected, { kind, outcome: 'rejected' });
};

export const countCheck = (match: boolean): void =>
  checks.add(1, { outcome: match ? 'match' : 'no-match' });

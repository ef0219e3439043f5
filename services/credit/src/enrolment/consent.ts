import type { ConsentPurpose } from '@caretab/contracts';
import type { SubjectRow } from './enrolment.table';

/** Without these there is no service. */
const OF_SERVICE: readonly ConsentPurpose[] = ['service', 'sensitive-data'];

export const endsService = ({ revoked }: Pick<SubjectRow, 'revoked'>): boolean =>
  OF_SERVICE.some((purpose) => revoked.includes(purpose));

/** Whether no further score of the person is taken in. */
export const keepsScoreBack = (subject: Pick<SubjectRow, 'revoked'> | undefined): boolean =>
  subject?.revoked.includes('score') ?? false;

/** Whether the platform may be asked for the person's score: they agreed, and took nothing back. */
export const mayAskScore = (
  subject: Pick<SubjectRow, 'revoked' | 'scoreConsent' | 'erasing' | 'erased'> | undefined,
): boolean =>
  subject !== undefined &&
  subject.scoreConsent &&
  !subject.erasing &&
  !subject.erased &&
  !endsService(subject) &&
  !keepsScoreBack(subject);

/** Whether a bank may be asked for the person's line, and lend to them: they agreed to that. */
export const mayLend = (
  subject: Pick<SubjectRow, 'revoked' | 'bankConsent' | 'erasing' | 'erased'> | undefined,
): boolean =>
  subject !== undefined &&
  subject.bankConsent &&
  !subject.erasing &&
  !subject.erased &&
  !endsService(subject);

import { DomainError } from '@caretab/kernel';

/** Where a page of cases ended. */
export interface CaseCursor {
  readonly openedAt: Date;
  readonly caseId: string;
}

export const cursorText = ({ openedAt, caseId }: CaseCursor): string =>
  `${openedAt.toISOString()} ${caseId}`;

/** Throws REQUEST_INVALID (invalid) for what is no `next` of a page. */
export const cursorOf = (text: string): CaseCursor => {
  const [at = '', caseId = '', ...rest] = text.split(' ');
  const openedAt = new Date(at);
  if (Number.isNaN(openedAt.getTime()) || caseId === '' || rest.length > 0)
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      faults: [{ field: '/after', why: 'is not `next` of a page' }],
    });
  return { openedAt, caseId };
};

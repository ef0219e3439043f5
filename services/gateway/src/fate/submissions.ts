import { type Fate, isMoment, type SubmissionKind } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Cursor, Store } from '@caretab/store';
import { type EventRow, eventTable } from '../intake/intake.table';

/** Which of an institution's submissions, by what each is and when it was accepted (both included). */
export interface SubmissionRange {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** Complete. */
  readonly visitId?: string | undefined;
  readonly fate?: Fate | undefined;
  readonly kind?: SubmissionKind | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
}

const PAGE_ROWS = 100;
/** Reports of all kinds that a page of one kind is looked for among. */
const LOOKED_AT_MAX = 2000;
const NOT_DECIDED: ReadonlySet<Fate> = new Set(['accepted', 'waiting']);

const shown = (row: EventRow) => ({
  submissionId: row.id,
  messageId: row.sourceMessageId,
  kind: row.type as SubmissionKind,
  visitId: row.visitId,
  chargeId: row.chargeId,
  acceptedAt: row.acceptedAt,
  fate: row.fate,
  reason: row.reason,
  remedy: row.remedy,
  decidedAt: NOT_DECIDED.has(row.fate) ? null : row.fateAt,
});

export interface SubmissionPage {
  readonly submissions: ReturnType<typeof shown>[];
  readonly next: string | undefined;
}

/**
 * Where a page begins: behind the one before, or at a moment. Throws REQUEST_INVALID (invalid) for
 * what is no cursor.
 */
const behind = ({ since, after }: SubmissionRange): Cursor<EventRow> | undefined => {
  if (after === undefined)
    return since === undefined ? undefined : { acceptedAt: new Date(since), id: '' };
  const [at = '', id = ''] = after.split('/');
  if (!isMoment(at))
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      field: '/after',
      why: 'it is no cursor of this list',
      remedy: 'send `next` of the page before, unchanged',
    });
  return { acceptedAt: new Date(at), id };
};

const cursorOf = ({ acceptedAt, id }: Pick<EventRow, 'acceptedAt' | 'id'>): string =>
  `${acceptedAt.toISOString()}/${id}`;

/**
 * An institution's accepted reports, oldest first, at most 100. No index is by kind: of a kind at
 * most 2,000 reports are looked at, so a page may have few, or none, and another follow. Throws
 * REQUEST_INVALID (invalid).
 */
export const submissionsOf = async (
  store: Store,
  institutionId: string,
  range: SubmissionRange,
): Promise<SubmissionPage> => {
  const { visitId, fate, kind, until } = range;
  const { rows, next } = await store.transact(
    (transaction) =>
      transaction.rows(eventTable).page(
        {
          institutionId,
          ...(visitId !== undefined && { visitId }),
          ...(fate !== undefined && { fate }),
          ...(until !== undefined && { acceptedAt: { lte: new Date(until) } }),
        },
        {
          orderBy: 'acceptedAt',
          countMax: kind === undefined ? PAGE_ROWS : LOOKED_AT_MAX,
          after: behind(range),
        },
      ),
    { within: [{ institution: institutionId }] },
  );
  const fitting = kind === undefined ? rows : rows.filter(({ type }) => type === kind);
  const page = fitting.slice(0, PAGE_ROWS);
  const hasMore = next !== undefined || page.length < fitting.length;
  const last = page.length < fitting.length ? page.at(-1) : rows.at(-1);
  return {
    submissions: page.map(shown),
    next: hasMore && last ? cursorOf(last) : undefined,
  };
};

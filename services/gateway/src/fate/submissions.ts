import {
  type EventType,
  type Fate,
  type hospitalVisitEvents,
  isMoment,
  type SubmissionKind,
  submissionKindOf,
} from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { type EventRow, eventTable, listedFate } from '../intake/intake.table';
import { refusedReports } from '../reports/refused-reports';

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
/** Reports of all kinds and fates that a page of one kind, or of a usual fate, is looked for among. */
const LOOKED_AT_MAX = 2000;
const NOT_DECIDED: ReadonlySet<Fate> = new Set(['accepted', 'waiting']);

const kindOf = ({ type }: Pick<EventRow, 'type'>): SubmissionKind =>
  submissionKindOf(type as EventType<typeof hospitalVisitEvents>);

const shown = (row: EventRow) => ({
  submissionId: row.id,
  messageId: row.sourceMessageId,
  kind: kindOf(row) as SubmissionKind | null,
  visitId: row.visitId as string | null,
  chargeId: row.chargeId,
  acceptedAt: row.acceptedAt,
  fate: row.fate,
  reason: row.reason,
  remedy: row.remedy,
  decidedAt: NOT_DECIDED.has(row.fate) ? null : row.fateAt,
});

export interface SubmissionPage {
  readonly submissions: Shown[];
  readonly next: string | undefined;
  /** Whose they are. */
  readonly persons: readonly string[];
}

/**
 * Where a page begins: behind the one before, or at a moment. Throws REQUEST_INVALID (invalid) for
 * what is no cursor.
 */
const behind = ({ since, after }: SubmissionRange): { at: Date; id: string } | undefined => {
  if (after === undefined) return since === undefined ? undefined : { at: new Date(since), id: '' };
  const [at = '', id = ''] = after.split('/');
  if (!isMoment(at))
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      field: '/after',
      why: 'it is no cursor of this list',
      remedy: 'send `next` of the page before, unchanged',
    });
  return { at: new Date(at), id };
};

type Shown = ReturnType<typeof shown>;

const cursorOf = ({ acceptedAt, submissionId }: Shown): string =>
  `${acceptedAt.toISOString()}/${submissionId}`;

const inOrder = (one: Shown, other: Shown): number =>
  one.acceptedAt.getTime() - other.acceptedAt.getTime() ||
  (one.submissionId < other.submissionId ? -1 : 1);

/** By which index a fate is looked for: that of its visit, that of rare fates, or none. */
const whereFate = ({ visitId, fate }: SubmissionRange): Partial<EventRow> | undefined => {
  if (fate === undefined) return {};
  if (visitId !== undefined) return { fate };
  const listed = listedFate(fate);
  return listed === null ? undefined : { listedFate: listed };
};

/**
 * An institution's accepted reports, and those that its own topic brought and were not accepted,
 * oldest first, at most 100. No index is by kind, nor by a usual fate: at most 2,000 reports are
 * looked at for one, so a page may have few, or none, and another follow. Throws REQUEST_INVALID
 * (invalid).
 */
export const submissionsOf = async (
  store: Store,
  institutionId: string,
  range: SubmissionRange,
): Promise<SubmissionPage> => {
  const { visitId, fate, kind, until } = range;
  const from = behind(range);
  const ofFate = whereFate(range);
  const isLookedFor = kind !== undefined || ofFate === undefined;
  const countMax = isLookedFor ? LOOKED_AT_MAX : PAGE_ROWS;
  const accepted = await store.transact(
    (transaction) =>
      transaction.rows(eventTable).page(
        {
          institutionId,
          ...(visitId !== undefined && { visitId }),
          ...ofFate,
          ...(until !== undefined && { acceptedAt: { lte: new Date(until) } }),
        },
        {
          orderBy: 'acceptedAt',
          countMax,
          after: from && { acceptedAt: from.at, id: from.id },
        },
      ),
    { within: [{ institution: institutionId }] },
  );
  const refused = await store.transact((transaction) =>
    refusedReports(transaction, institutionId, {
      ...{ visitId, fate, until, countMax },
      after: from && { parkedAt: from.at, id: from.id },
    }),
  );
  const all = [...accepted.rows.map(shown), ...refused.rows].sort(inOrder);
  const rows = all.slice(0, countMax);
  const fitting = rows.filter(
    (row) => (kind === undefined || row.kind === kind) && (fate === undefined || row.fate === fate),
  );
  const page = fitting.slice(0, PAGE_ROWS);
  const isCut = page.length < fitting.length;
  const hasMore =
    isCut || rows.length < all.length || [accepted, refused].some(({ next }) => next !== undefined);
  const last = isCut ? page.at(-1) : rows.at(-1);
  const shownIds = new Set(page.map(({ submissionId }) => submissionId));
  const persons = accepted.rows.flatMap(({ id, personId }) =>
    personId !== null && shownIds.has(id) ? [personId] : [],
  );
  const following = hasMore && last ? cursorOf(last) : undefined;
  return { submissions: page, next: following, persons: [...new Set(persons)] };
};

import { type HolderFinding, isMoment } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Cursor, Store, Transaction } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import { eventTable } from './intake.table';
import { type HolderCaseRow, holderCaseTable } from './holder-case.table';

const PAGE_ROWS = 100;
/** Of one visit: a case for each set of fields. */
const CASES_MAX = 20;
const MS_PER_S = 1000;

export interface HolderCaseRange {
  readonly institutionId?: string | undefined;
  readonly visitId?: string | undefined;
  readonly status?: HolderCaseRow['status'] | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
}

export interface ClosedCases {
  readonly closed: number;
  /** null where no opening was taken, and once the person was forgotten. */
  readonly personId: string | null;
}

const shown = (row: HolderCaseRow) => ({
  visitId: row.visitId,
  fields: row.fields.split(',') as HolderFinding[],
  messageId: row.sourceMessageId,
  foundAt: row.foundAt,
  status: row.status,
  ...(row.closedAt && { closedAt: row.closedAt }),
  ...(row.why !== null && { why: row.why }),
});

/** Throws REQUEST_INVALID (invalid) for what is no cursor. */
const behind = (after: string | undefined): Cursor<HolderCaseRow> | undefined => {
  if (after === undefined) return undefined;
  const [at = '', fields = '', ...visitId] = after.split('/');
  if (!isMoment(at))
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      field: '/after',
      why: 'it is no cursor of this list',
      remedy: 'send `next` of the page before, unchanged',
    });
  return { foundAt: new Date(at), fields, visitId: visitId.join('/') };
};

/** Visits whose holder is not who is registered: for their hospital, and for operators. */
export class HolderCases {
  constructor(private readonly parts: { readonly store: Store; readonly clock: Clock }) {}

  /** Oldest first, at most 100; without a status those that are open. Throws REQUEST_INVALID. */
  async list({ institutionId, visitId, status = 'open', after }: HolderCaseRange): Promise<{
    readonly cases: ReturnType<typeof shown>[];
    readonly next?: string;
    /** Whose visits they are. */
    readonly persons: readonly string[];
  }> {
    const { rows, next, persons } = await this.parts.store.transact(
      async (transaction) => {
        const page = await transaction.rows(holderCaseTable).page(
          {
            status,
            ...(institutionId !== undefined && { institutionId }),
            ...(visitId !== undefined && { visitId }),
          },
          { orderBy: 'foundAt', countMax: PAGE_ROWS, after: behind(after) },
        );
        return { ...page, persons: await personsOf(transaction, page.rows) };
      },
      { within: [{ institution: institutionId }] },
    );
    const last = rows.at(-1);
    const cases = rows.map(shown);
    return next && last
      ? { cases, persons, next: `${last.foundAt.toISOString()}/${last.fields}/${last.visitId}` }
      : { cases, persons };
  }

  /** Closes the open cases of a visit, with a reason that is kept: how many, and of whose visit. */
  async close(visitId: string, why: string): Promise<ClosedCases> {
    const closedAt = this.parts.clock.now();
    return this.parts.store.transact(async (transaction) => {
      const table = transaction.rows(holderCaseTable);
      const rows = await table.find(
        { visitId, status: 'open' },
        { countMax: CASES_MAX, lock: 'wait' },
      );
      await table.save(
        ...rows.map((row) => ({ ...row, status: 'closed' as const, closedAt, why })),
      );
      const [personId = null] = await personsOf(transaction, [{ visitId }]);
      return { closed: rows.length, personId };
    });
  }
}

const personsOf = async (
  transaction: Transaction,
  cases: readonly Pick<HolderCaseRow, 'visitId'>[],
): Promise<readonly string[]> => {
  const visitIds = cases.map(({ visitId }) => visitId);
  if (visitIds.length === 0) return [];
  const starts = await transaction
    .rows(eventTable)
    .find({ visitId: { in: visitIds }, type: 'VisitStarted' });
  return [...new Set(starts.flatMap(({ personId }) => (personId === null ? [] : [personId])))];
};

/** Gauges of open cases. */
export const observeHolderCases = (store: Store, clock: Clock): void => {
  const edge = meter('caretab.gateway');
  const open = edge.createObservableGauge('caretab.gateway.holder_cases', {
    description: 'Visits whose holder is registered otherwise, open, by fields',
  });
  const age = edge.createObservableGauge('caretab.gateway.oldest_holder_case_age_seconds', {
    description: 'Age of the oldest of them',
  });
  edge.addBatchObservableCallback(
    async (result) => {
      const found = await store.transact(async (transaction) => ({
        byFields: await transaction
          .rows(holderCaseTable)
          .group({ status: 'open' }, { by: ['fields'] }),
        oldest: await transaction
          .rows(holderCaseTable)
          .find({ status: 'open' }, { orderBy: 'foundAt', countMax: 1 }),
      }));
      for (const { values, count } of found.byFields) result.observe(open, count, values);
      const nowMs = clock.now().getTime();
      result.observe(age, (nowMs - (found.oldest[0]?.foundAt.getTime() ?? nowMs)) / MS_PER_S);
    },
    [open, age],
  );
};

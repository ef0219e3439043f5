import { DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { cardOperationTable } from './card-operation.table';
import { type CardScope, isWithinScope } from './card-scope';
import { cardChangeTable } from './card.table';

const DAYS_MAX = 31;
/** Counts of one answer. */
const COUNTS_MAX = 10_000;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface Counted {
  readonly day: string;
  readonly operation: string;
  readonly region?: string;
  readonly institutionId?: string;
  readonly count: number;
}

/** How many operations with cards there were, counted by the database, a day at a time. */
export class CardStatistics {
  constructor(private readonly parts: { readonly store: Store }) {}

  /**
   * Of the cards of a scope, by day, place and operation. Throws REQUEST_INVALID (invalid): more days or
   * counts than one answer has.
   */
  async read(scope: CardScope, from: string, through: string): Promise<readonly Counted[]> {
    const days = daysOf(from, through);
    return this.parts.store.transact(async (transaction) => {
      const counted: Counted[] = [];
      for (const day of days) {
        counted.push(...(await this.ofDay(transaction, scope, day)));
        if (counted.length > COUNTS_MAX) throw tooMuch(`more than ${COUNTS_MAX} counts`);
      }
      return counted;
    });
  }

  private async ofDay(
    transaction: Transaction,
    scope: CardScope,
    day: string,
  ): Promise<readonly Counted[]> {
    const { institutionId } = scope;
    const where = { day, ...(institutionId !== undefined && { institutionId }) };
    const changes = await transaction
      .rows(cardChangeTable)
      .group(where, { by: ['change', 'region', 'institutionId'] });
    const operations = await transaction
      .rows(cardOperationTable)
      .group(where, { by: ['operation', 'region', 'institutionId'] });
    return [
      ...changes.map(({ values: { change: operation, ...of }, count }) => ({
        ...{ operation: operation as string, of, count },
      })),
      ...operations.map(({ values: { operation, ...of }, count }) => ({ operation, of, count })),
    ]
      .filter(({ of }) => isWithinScope(scope, of))
      .map(({ operation, of, count }) => ({
        ...{ day, operation, count },
        ...(of.region !== null && { region: of.region }),
        ...(of.institutionId !== null && { institutionId: of.institutionId }),
      }));
  }
}

const daysOf = (from: string, through: string): readonly string[] => {
  const first = Date.parse(`${from}T00:00:00Z`);
  const count = (Date.parse(`${through}T00:00:00Z`) - first) / DAY_MS + 1;
  if (!(count >= 1 && count <= DAYS_MAX)) throw tooMuch(`not 1 to ${DAYS_MAX} days`);
  return Array.from({ length: count }, (_, at) =>
    new Date(first + at * DAY_MS).toISOString().slice(0, 10),
  );
};

const tooMuch = (why: string): DomainError =>
  new DomainError('REQUEST_INVALID', 'invalid', {
    faults: [{ field: '/through', why, remedy: 'ask for fewer days' }],
  });

import type { accessRecordRoutes, RouteAnswer } from '@caretab/contracts';

type Page = RouteAnswer<(typeof accessRecordRoutes)['personAccessRecords']>;
export type Look = Page['records'][number];

/** One service's page; undefined: it did not answer. */
export interface Asked {
  readonly service: string;
  readonly after: string | undefined;
  readonly page: Page | undefined;
}

const PAGE_ROWS = 100;
/** Of a service that has no further record: positions begin with 1. */
const ENDED = '0';

const positionOf = ({ reference }: Look): string => reference.split('/')[1]!;
const timeOf = ({ at }: Look): number => new Date(at).getTime();

/** Where the next page of each service begins, by service. */
export const cursorsOf = (after: string | undefined): ReadonlyMap<string, string> =>
  new Map(
    (after ?? '')
      .split(',')
      .filter((each) => each !== '')
      .map((each) => each.split(':') as [string, string]),
  );

export const hasEnded = (after: string | undefined): boolean => after === ENDED;

/**
 * The latest of several services' pages, and where each goes on. A service that did not answer goes
 * on where it was.
 */
export const merged = (
  asked: readonly Asked[],
): { readonly records: readonly Look[]; readonly missing: readonly string[]; next?: string } => {
  const all = asked.flatMap(({ service, page }) =>
    (page?.records ?? []).map((record) => ({ service, record })),
  );
  // Equal times stay in the order of their service's positions.
  const shown = [...all]
    .sort((one, other) => timeOf(other.record) - timeOf(one.record))
    .slice(0, PAGE_ROWS);
  const cursors = asked.flatMap(({ service, after, page }) => {
    const own = shown.filter((each) => each.service === service);
    const isEnd = page !== undefined && !page.next && own.length === page.records.length;
    const last = own.at(-1);
    const cursor = isEnd ? ENDED : last ? positionOf(last.record) : after;
    return cursor === undefined ? [] : [[service, cursor] as const];
  });
  const goesOn = asked.some(
    ({ service, page }) => page && !hasEnded(new Map(cursors).get(service)),
  );
  return {
    records: shown.map(({ record }) => record),
    missing: asked.filter(({ page }) => !page).map(({ service }) => service),
    ...(goesOn && { next: cursors.map((each) => each.join(':')).join(',') }),
  };
};

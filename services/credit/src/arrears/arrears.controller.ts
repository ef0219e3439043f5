import { arrearsRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { arrearsPolicy } from './arrears-policy';
import { reportsAt } from './arrears-steps';
import type { ArrearsRow, DefaultReportRow } from './arrears.table';
import { Objections } from './objections';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → dues in arrears, and reports of defaults. */
@Controller()
export class ArrearsController {
  constructor(@Inject(Objections) private readonly objections: Objections) {}

  @Handles(routes.listOwnArrears)
  async ofPerson({ params, scopes }: Input<'listOwnArrears'>): Answer<'listOwnArrears'> {
    return { arrears: (await this.objections.ofPerson(params.personId, scopes)).map(shown) };
  }

  @Handles(routes.objectToDefault)
  async object({
    params,
    body: { ground },
    subject,
  }: Input<'objectToDefault'>): Answer<'objectToDefault'> {
    return shown(await this.objections.object(params, ground, subject.id));
  }

  @Handles(routes.decideObjection)
  async decide({ params, body, subject }: Input<'decideObjection'>): Answer<'decideObjection'> {
    return shown(await this.objections.decide(params, { ...body, decidedBy: subject.id }));
  }

  @Handles(routes.listArrears)
  async list({ query: { objection, after } }: Input<'listArrears'>): Answer<'listArrears'> {
    const [at, visitId] = cursorOf(after);
    const from = at && { since: at, visitId: visitId! };
    const { rows, next } = await this.objections.list(objection, from);
    return {
      arrears: rows.map(shown),
      ...(next && { next: `${next.since!.toISOString()} ${next.visitId!}` }),
    };
  }

  @Handles(routes.listDefaultReports)
  async reports({ query: { after } }: Input<'listDefaultReports'>): Answer<'listDefaultReports'> {
    const [at, reportId] = cursorOf(after);
    const { rows, next } = await this.objections.reports(at && { at, reportId: reportId! });
    return {
      reports: rows.map(reported),
      ...(next && { next: `${next.at!.toISOString()} ${next.reportId!}` }),
    };
  }
}

const shown = (row: ArrearsRow) => {
  const at = row.endedAt || row.reportedAt ? undefined : reportsAt(arrearsPolicy, row);
  const isOpen = row.objection === null || row.objection === 'stands';
  return { ...row, ...(at && isOpen && { reportsAt: at }) };
};

const reported = (row: DefaultReportRow) => ({
  ...row,
  affectsScore:
    row.kind === 'reported' &&
    row.consecutive >= (arrearsPolicy.report?.consecutiveToScore ?? Infinity),
});

/** Throws REQUEST_INVALID (invalid). */
const cursorOf = (after: string | undefined): readonly [Date?, string?] => {
  if (after === undefined) return [];
  const [text = '', id] = after.split(' ');
  const at = new Date(text);
  if (id === undefined || Number.isNaN(at.getTime()))
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      faults: [{ field: '/after', why: 'is no `next` of a page' }],
    });
  return [at, id];
};

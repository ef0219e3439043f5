import { mergeRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Merges } from './merges';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → merges of persons. */
@Controller()
export class MergeController {
  constructor(@Inject(Merges) private readonly merges: Merges) {}

  @Handles(routes.mergePersons)
  merge({
    params: { personId },
    body: { mergedId, evidence, why },
    subject,
    approvedBy,
  }: Input<'mergePersons'>): Answer<'mergePersons'> {
    const said = { why, by: subject.id, approvedBy };
    return this.merges.merge(personId, { mergedId, evidence }, said);
  }

  @Handles(routes.undoMerge)
  undo({
    params: { personId, mergeId },
    body: { why },
    subject,
    approvedBy,
  }: Input<'undoMerge'>): Answer<'undoMerge'> {
    return this.merges.undo(personId, mergeId, { why, by: subject.id, approvedBy });
  }

  @Handles(routes.listMerges)
  async list({ params: { personId } }: Input<'listMerges'>): Answer<'listMerges'> {
    return { merges: await this.merges.list(personId) };
  }
}

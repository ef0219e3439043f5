import { identityRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { assert } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { Deaths, type Evidence } from './deaths';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → deaths. */
@Controller()
export class DeathController {
  constructor(@Inject(Deaths) private readonly deaths: Deaths) {}

  @Handles(routes.recordDeath)
  async record({
    params: { personId },
    body: { diedOn, paper },
    ...by
  }: Input<'recordDeath'>): Answer<'recordDeath'> {
    await this.deaths.record(personId, diedOn, evidenceOf(paper, by));
    return this.deaths.show(personId);
  }

  @Handles(routes.takeBackDeath)
  async takeBack({
    params: { personId },
    query: { paper },
    ...by
  }: Input<'takeBackDeath'>): Answer<'takeBackDeath'> {
    await this.deaths.takeBack(personId, evidenceOf(paper, by));
    return this.deaths.show(personId);
  }

  @Handles(routes.showDeath)
  show({ params: { personId } }: Input<'showDeath'>): Answer<'showDeath'> {
    return this.deaths.show(personId);
  }
}

const evidenceOf = (
  paper: string,
  { subject, approvedBy }: Pick<Input<'recordDeath'>, 'subject' | 'approvedBy'>,
): Evidence => {
  assert(approvedBy !== undefined, 'what always needs an approval has one');
  return { paper, recordedBy: subject.id, approvedBy };
};

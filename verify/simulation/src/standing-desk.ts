import type { Actors } from './actors';
import { lowerPolicy } from './line-policy-data';
import type { Plan } from './plan';
import type { SimulatedPlatform } from './simulated-platform';
import type { Death, StandingBook, Turn } from './standing-book';
import { birthdayOf } from './standing-plan';

const PAPER = 'F-17';
const EVIDENCE = { kind: 'agreement', reference: 'A-2' } as const;

/** Staff who record what becomes of people, and note in a book what they were answered. */
export class StandingDesk {
  constructor(
    private readonly parts: {
      readonly world: SimulatedPlatform;
      readonly plan: Plan;
      readonly people: Actors;
      readonly book: StandingBook;
    },
  ) {}

  /** Each at its time, in the storm. */
  begin(): void {
    const { death, ward, revocation, policy } = this.parts.plan.standing ?? {};
    const { people } = this.parts;
    if (death) people.start(death.atMs, 'a death is recorded', () => this.dies(death));
    if (ward && ward.kind !== 'of-age')
      people.start(ward.atMs, 'a guardianship ends', () => this.handsOver(ward));
    if (revocation)
      people.start(revocation.atMs, 'consents are revoked', () => this.revokes(revocation));
    if (policy) people.start(policy.atMs, 'a line policy is put', () => this.putsPolicy(policy));
  }

  /** Days later, a death that was recorded in error is taken back. */
  async takesBack(death: Death): Promise<void> {
    const turn = this.parts.book.begin();
    death.back = turn;
    const path = `/identity/persons/${death.personId}/death?paper=${PAPER}`;
    const { status } = await this.parts.people.ask('identity', 'DELETE', path);
    // It was done, and the answer was lost.
    turn.isDone = status === 200 || status === 404;
  }

  private async dies({ citizen, back }: NonNullable<StandingDeath>): Promise<void> {
    const { people, plan, book, world } = this.parts;
    const personId = people.personIds[citizen]!;
    const death: Death = { personId, died: book.begin(), back: undefined };
    book.deaths.push(death);
    const path = `/identity/persons/${personId}/death`;
    const { status } = await people.ask('identity', 'PUT', path, {
      ...{ diedOn: plan.day, paper: PAPER },
    });
    death.died.isDone = status === 200;
    if (status !== 200) book.deaths.splice(book.deaths.indexOf(death), 1);
    else if (typeof back === 'number') {
      await world.scheduler.sleep(back);
      await this.takesBack(death);
    }
  }

  /** A second guardian is added, where there is one, and the first one's guardianship ends. */
  private async handsOver({ child, second }: NonNullable<StandingWard>): Promise<void> {
    const { people, book } = this.parts;
    const childId = people.personIds[child]!;
    const first = book.guardianOf(childId)!.guardianId;
    const path = `/identity/persons/${childId}`;
    const other = second === undefined ? undefined : people.personIds[second]!;
    const heir =
      other !== undefined &&
      other !== first &&
      this.parts.plan.standing?.ward?.kind === 'handed-over'
        ? other
        : undefined;
    if (heir !== undefined) {
      const body = { guardianId: heir, relation: '5', beside: first, evidence: EVIDENCE };
      const { status } = await people.ask('identity', 'PUT', `${path}/guardian`, body);
      if (status !== 200) return;
    }
    const turn: Turn = book.begin();
    book.changes(childId, heir, turn);
    const { status } = await people.ask('identity', 'POST', `${path}/guardians/${first}/end`, {
      ...{ why: 'both parents agree', evidence: EVIDENCE },
    });
    turn.isDone = status === 204 || status === 409;
  }

  private async revokes({ citizen, purpose }: NonNullable<StandingRevocation>): Promise<void> {
    const { people, book } = this.parts;
    const personId = people.personIds[citizen]!;
    const turn = book.begin();
    book.revoked.push({ personId, purpose, turn });
    const path = `/identity/persons/${personId}/consents/revocation`;
    const body = { purposes: [purpose], paper: PAPER };
    const { status } = await people.ask('identity', 'POST', path, body);
    turn.isDone = status === 204;
  }

  private async putsPolicy({ lineFen }: NonNullable<StandingPolicy>): Promise<void> {
    const { people, book, plan } = this.parts;
    const from = birthdayOf(plan.day);
    const put = await people.ask(
      'credit',
      'PUT',
      '/credit/line-policies',
      lowerPolicy(lineFen, from),
    );
    const { version } = put.body as { readonly version: string };
    const path = `/credit/line-policies/${version}`;
    await people.ask('credit', 'POST', `${path}/dry-run`);
    const { status } = await people.ask('credit', 'POST', `${path}/approval`);
    if (status < 300) book.policy = { lineFen, from, inForce: undefined };
  }
}

type Standing = NonNullable<Plan['standing']>;
type StandingDeath = Standing['death'];
type StandingWard = Standing['ward'];
type StandingRevocation = Standing['revocation'];
type StandingPolicy = Standing['policy'];

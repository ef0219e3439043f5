import { type RouteAnswer, type RouteInput, visitLedgerRoutes as routes } from '@caretab/contracts';
import { type Asked, concerning, Handles, STORE } from '@caretab/host';
import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { TIMELY } from '../parts';
import { UNIDENTIFIED_STATES } from '../views/unidentified-visits';
import { visitTable } from '../views/visit.table';
import { asSetAside } from './as-set-aside';
import { askedBy } from './unidentified';
import type { VisitCommand } from './visit';
import { Visits } from './visits';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

const PAGE_ROWS = 100;

/** Visits of patients whom no one knows, and whose they are. */
@Controller()
export class UnidentifiedController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(Visits) private readonly visits: Pick<Visits, 'handle' | 'look'>,
    @Inject(TIMELY) private readonly timely: { readonly clock: Clock },
  ) {}

  @Handles(routes.listUnidentifiedVisits)
  async list({
    scopes,
    query: { institutionId, after },
  }: Asked<typeof routes.listUnidentifiedVisits>): Answer<'listUnidentifiedVisits'> {
    const { rows, next } = await this.store.transact(
      (transaction) =>
        transaction.rows(visitTable).page(
          {
            unidentified: { in: UNIDENTIFIED_STATES },
            ...(institutionId !== undefined && { institutionId }),
          },
          { countMax: PAGE_ROWS, after: after === undefined ? undefined : { visitId: after } },
        ),
      { within: scopes },
    );
    const visits = rows.map((row) => ({
      visitId: row.visitId,
      institutionId: row.institutionId,
      startedAt: row.startedAt,
      endedAt: row.closedAt,
      identifyUntil: row.identifyUntil,
      state: row.unidentified!,
      charges: row.chargesWaiting,
      owedFen: row.unidentifiedFen,
    }));
    return { visits, ...(next && { next: next.visitId! }) };
  }

  @Handles(routes.proposePatient)
  async propose({ params: { visitId }, body }: Input<'proposePatient'>): Answer<'proposePatient'> {
    const now = this.timely.clock.now().toISOString();
    await this.decide(visitId, body.linkId, { type: 'ProposePatient', data: { ...body, now } });
    const { unidentified } = await this.visits.look(visitId);
    const { proposal } = unidentified ?? {};
    // Answered meanwhile.
    if (!proposal) throw new DomainError('VISIT_NOT_UNIDENTIFIED', 'conflict', { visitId });
    return { visitId, linkId: proposal.linkId, answerUntil: proposal.answerUntil };
  }

  @Handles(routes.answerIdentification)
  async answer({
    params: { visitId, linkId },
    body: { agreed, by },
  }: Input<'answerIdentification'>): Answer<'answerIdentification'> {
    const now = this.timely.clock.now().toISOString();
    const data = { linkId, isAgreed: agreed, now };
    await this.decide(visitId, `${linkId} ${by}`, { type: 'AnswerIdentification', data });
    return concerning(askedBy(linkId, await this.visits.look(visitId)), {
      ...{ visitId, linkId, agreed },
    });
  }

  private decide(visitId: string, causedBy: string, command: VisitCommand): Promise<void> {
    const cause = { id: derivedId('identification', visitId, command.type, causedBy) };
    return this.visits.handle(visitId, [{ command, cause }]).catch(asSetAside(visitId));
  }
}

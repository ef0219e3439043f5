import { masterIndexRoutes as routes, Reply, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { CaseList } from './case-list';
import { MatchCases } from './match-cases';
import { type Domain, SourceRecords } from './source-records';
import { WeightFitting } from './weight-fitting';
import { matchWeights } from './weights';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

const RECORDS_MAX = 100;
const own = (institutionId: string): Domain => ({
  kind: 'medical-record',
  authority: institutionId,
});

/** HTTP in → the master index. */
@Controller()
export class MasterIndexController {
  constructor(
    @Inject(SourceRecords) private readonly records: SourceRecords,
    @Inject(MatchCases) private readonly cases: MatchCases,
    @Inject(CaseList) private readonly queue: CaseList,
    @Inject(WeightFitting) private readonly fitting: WeightFitting,
  ) {}

  @Handles(routes.registerSourceRecord)
  async register({
    params: { institutionId },
    body,
  }: Input<'registerSourceRecord'>): Answer<'registerSourceRecord'> {
    const { created, record } = await this.records.register(own(institutionId), body);
    return created ? new Reply(201, record) : new Reply(200, record);
  }

  @Handles(routes.findSourceRecord)
  find({
    params: { institutionId },
    body: { identifier },
  }: Input<'findSourceRecord'>): Answer<'findSourceRecord'> {
    return this.records.find(own(institutionId), identifier);
  }

  @Handles(routes.registerDomainRecord)
  async registerOther({
    body: { domain, ...said },
  }: Input<'registerDomainRecord'>): Answer<'registerDomainRecord'> {
    const { created, record } = await this.records.register(domain, said);
    return created ? new Reply(201, record) : new Reply(200, record);
  }

  @Handles(routes.findDomainRecord)
  findOther({
    body: { domain, identifier },
  }: Input<'findDomainRecord'>): Answer<'findDomainRecord'> {
    return this.records.find(domain, identifier);
  }

  @Handles(routes.listPersonRecords)
  async ofPerson({
    params: { personId },
  }: Input<'listPersonRecords'>): Answer<'listPersonRecords'> {
    return { records: await this.records.ofPerson(personId, RECORDS_MAX) };
  }

  @Handles(routes.listMatchCases)
  list({ query: { status = 'open', after } }: Input<'listMatchCases'>): Answer<'listMatchCases'> {
    return this.queue.list(status, after);
  }

  @Handles(routes.showMatchCase)
  show({ params: { personId, caseId } }: Input<'showMatchCase'>): Answer<'showMatchCase'> {
    return this.queue.show(personId, caseId);
  }

  @Handles(routes.decideMatchCase)
  async decide({
    params,
    body: { decision, why },
    subject,
    approvedBy,
  }: Input<'decideMatchCase'>): Answer<'decideMatchCase'> {
    const said = { why, by: subject.id, approvedBy };
    return { caseId: params.caseId, ...(await this.cases.decide(params, decision, said)) };
  }

  @Handles(routes.undoRecordLink)
  async undo({
    params: { personId, linkId },
    body: { why },
    subject,
    approvedBy,
  }: Input<'undoRecordLink'>): Answer<'undoRecordLink'> {
    await this.cases.undo(personId, linkId, { why, by: subject.id, approvedBy });
    return { linkId };
  }

  @Handles(routes.fitMatchWeights)
  fit({ body: { records } }: Input<'fitMatchWeights'>): Answer<'fitMatchWeights'> {
    return this.fitting.fit(matchWeights, records);
  }

  @Handles(routes.showMatchWeights)
  async weights(): Answer<'showMatchWeights'> {
    return matchWeights;
  }
}

import {
  adjudicationClaims,
  type CareTimeTolerances,
  type ContractEvent,
  creditAuthorizations,
  hospitalVisitEvents,
  paymentPayments,
  type Topic,
} from '@caretab/contracts';
import { Consumes, type EventOf } from '@caretab/bus';
import { Controller, Inject } from '@nestjs/common';
import { type Clock, derivedId, REST } from '@caretab/kernel';
import { Payload } from '@nestjs/microservices';
import { endsByOf } from '../ending/end-rules';
import { type InstitutionRules, registered } from '../ending/institution-rules';
import { Guardians } from '../guardian/guardians';
import { TIMELY } from '../parts';
import type { PlanDocuments } from '../plan/plan-documents';
import type { LaterClaims } from '../views/later-claims';
import { byRules } from './by-rules';
import type { CausedCommand } from './caused-commands';
import { commandOfPayment } from './payment-commands';
import type { HospitalCommand, SubmissionCommand } from './submissions';
import type { VisitCommand } from './visit';
import {
  commandOfClaim,
  commandOfCredit,
  commandOfHospital,
  impossible,
  submittedBy,
} from './visit-commands';
import { Visits } from './visits';

/** By what a hospital's times are held against the clock. */
export interface Timely {
  readonly clock: Clock;
  readonly tolerances: CareTimeTolerances;
  /** So long a report waits for what it refers to. */
  readonly waitMs: number;
  /** When visits end, and what becomes of charges that come later. */
  readonly rules: Pick<InstitutionRules, 'of'>;
  readonly claims: Pick<LaterClaims, 'among'>;
  readonly documents?: Pick<PlanDocuments, 'knowAll'>;
}

type HospitalCommands = HospitalCommand | SubmissionCommand;

/** Topic in → command. Batches: visits side by side, one visit in order, one append per visit. */
@Controller()
export class VisitConsumer {
  constructor(
    @Inject(Visits) private readonly visits: Visits,
    @Inject(TIMELY) private readonly timely: Timely,
    @Inject(Guardians) private readonly guardians: Pick<Guardians, 'of'>,
  ) {}

  @Consumes({
    from: hospitalVisitEvents,
    group: 'visit-ledger.hospital',
    batch: true,
    rest: REST.onTheWay,
  })
  async hospitals(@Payload() events: EventOf<typeof hospitalVisitEvents>[]): Promise<void> {
    const { clock, tolerances, waitMs, claims } = this.timely;
    const rulesOf = await this.timely.rules.of(events.map(({ data }) => data.institutionId));
    // Under the other policies no charge is collected here.
    const collected = events.filter(
      ({ type, data }) =>
        type === 'ChargePosted' && rulesOf(data.institutionId)?.lateCharge === 'collect',
    );
    const later = await claims.among([...new Set(collected.map(({ data }) => data.visitId))]);
    const now = clock.now();
    const decided = (event: ContractEvent<typeof hospitalVisitEvents>): HospitalCommands => {
      const command = commandOfHospital(event);
      const rules = registered(rulesOf(event.data.institutionId), event.data);
      const by = submittedBy(event, now, waitMs);
      const reason = impossible(event, now, tolerances);
      const chargeId = event.type === 'ChargePosted' ? event.data.charge.chargeId : undefined;
      if (reason) return { type: 'RefuseSubmission', data: { reason, chargeId }, by };
      const ruled = byRules(command, {
        rules,
        hasLaterClaim: later.has(event.data.visitId),
        now,
        orderMs: tolerances.orderMs,
      });
      return { ...ruled, by: { ...by, endsBy: (of) => endsByOf(rules, of) } };
    };
    await this.handle<typeof hospitalVisitEvents>(events, decided, (event) => {
      const { holderDiffers: fields } = event.data;
      return (
        fields && { type: 'NoteHolder', data: { fields }, by: submittedBy(event, now, waitMs) }
      );
    });
  }

  @Consumes({ from: creditAuthorizations, group: 'visit-ledger.credit', batch: true })
  async credit(@Payload() events: EventOf<typeof creditAuthorizations>[]): Promise<void> {
    const assertGuardian = await this.guardians.of(events);
    return this.handle<typeof creditAuthorizations>(events, (event) => {
      assertGuardian(event);
      return commandOfCredit(event);
    });
  }

  @Consumes({ from: adjudicationClaims, group: 'visit-ledger.claim', batch: true })
  async claims(@Payload() events: EventOf<typeof adjudicationClaims>[]): Promise<void> {
    await this.timely.documents?.knowAll(events);
    return this.handle(events, commandOfClaim);
  }

  @Consumes({
    from: paymentPayments,
    group: 'visit-ledger.payment',
    batch: true,
    rest: REST.gathering,
  })
  payments(@Payload() events: EventOf<typeof paymentPayments>[]): Promise<void> {
    return this.handle(events, commandOfPayment);
  }

  private async handle<T extends Topic>(
    events: readonly ContractEvent<T>[],
    commandOf: (event: ContractEvent<T>) => VisitCommand | undefined,
    noteOf: (event: ContractEvent<T>) => VisitCommand | undefined = () => undefined,
  ): Promise<void> {
    const byVisit = new Map<string, CausedCommand[]>();
    for (const event of events) {
      const command = commandOf(event);
      if (!command) continue;
      const { visitId, identifier } = event.data as { visitId: string; identifier?: string };
      const commands = byVisit.get(visitId) ?? [];
      const cause = {
        id: event.id,
        source: event.causationId ?? event.source,
        traceparent: event.traceparent,
        identifier,
      };
      commands.push({ command, cause });
      const note = noteOf(event);
      if (note)
        commands.push({ command: note, cause: { ...cause, id: derivedId('note', event.id) } });
      byVisit.set(visitId, commands);
    }
    const outcomes = await Promise.allSettled(
      [...byVisit].map(([visitId, commands]) => this.visits.handle(visitId, commands)),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }
}

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
import type { Clock } from '@caretab/kernel';
import { Payload } from '@nestjs/microservices';
import { TIMELY } from '../parts';
import type { LaterClaims } from '../views/later-claims';
import type { LateChargePolicy } from './late-charges';
import type { VisitCommand } from './visit';
import {
  commandOfClaim,
  commandOfCredit,
  commandOfHospital,
  commandOfPayment,
  submittedBy,
  untimely,
} from './visit-commands';
import { type CausedCommand, Visits } from './visits';

/** By what a hospital's times are held against the clock. */
export interface Timely {
  readonly clock: Clock;
  readonly tolerances: CareTimeTolerances;
  /** So long a report waits for what it refers to. */
  readonly waitMs: number;
  /** What becomes of charges that come after the closing; absent: none is taken. */
  readonly late?: { readonly policy: LateChargePolicy; readonly claims: LaterClaims };
}

/** Topic in → command. Batches: visits side by side, one visit in order, one append per visit. */
@Controller()
export class VisitConsumer {
  constructor(
    @Inject(Visits) private readonly visits: Visits,
    @Inject(TIMELY) private readonly timely: Timely,
  ) {}

  @Consumes({ from: hospitalVisitEvents, group: 'visit-ledger.hospital', batch: true })
  async hospitals(@Payload() events: EventOf<typeof hospitalVisitEvents>[]): Promise<void> {
    const { clock, tolerances, waitMs, late } = this.timely;
    // Under the other policies no charge is collected here.
    const later =
      late?.policy === 'collect'
        ? await late.claims.among([
            ...new Set(
              events.flatMap(({ type, data }) => (type === 'ChargePosted' ? [data.visitId] : [])),
            ),
          ])
        : new Set<string>();
    await this.handle<typeof hospitalVisitEvents>(events, (event) => {
      const command = commandOfHospital(event);
      const by = submittedBy(event, clock.now(), waitMs);
      const reason = untimely(event, clock.now(), tolerances);
      if (reason) return { type: 'RefuseSubmission', data: { reason }, by };
      if (command.type !== 'PostCharge' || !late) return { ...command, by };
      const { policy } = late;
      const hasLaterClaim = later.has(event.data.visitId);
      return { ...command, data: { ...command.data, late: { policy, hasLaterClaim } }, by };
    });
  }

  @Consumes({ from: creditAuthorizations, group: 'visit-ledger.credit', batch: true })
  credit(@Payload() events: EventOf<typeof creditAuthorizations>[]): Promise<void> {
    return this.handle(events, commandOfCredit);
  }

  @Consumes({ from: adjudicationClaims, group: 'visit-ledger.claim', batch: true })
  claims(@Payload() events: EventOf<typeof adjudicationClaims>[]): Promise<void> {
    return this.handle(events, commandOfClaim);
  }

  @Consumes({ from: paymentPayments, group: 'visit-ledger.payment', batch: true })
  payments(@Payload() events: EventOf<typeof paymentPayments>[]): Promise<void> {
    return this.handle(events, commandOfPayment);
  }

  private async handle<T extends Topic>(
    events: readonly ContractEvent<T>[],
    commandOf: (event: ContractEvent<T>) => VisitCommand | undefined,
  ): Promise<void> {
    const byVisit = new Map<string, CausedCommand[]>();
    for (const event of events) {
      const command = commandOf(event);
      if (!command) continue;
      const { visitId } = event.data as { visitId: string };
      const commands = byVisit.get(visitId) ?? [];
      commands.push({
        command,
        cause: {
          id: event.id,
          source: event.causationId ?? event.source,
          traceparent: event.traceparent,
        },
      });
      byVisit.set(visitId, commands);
    }
    const outcomes = await Promise.allSettled(
      [...byVisit].map(([visitId, commands]) => this.visits.handle(visitId, commands)),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }
}

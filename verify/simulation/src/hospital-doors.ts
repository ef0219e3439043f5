import { signingBus, twinKeyOf } from '@caretab/bus';
import { hospitalVisitEvents } from '@caretab/contracts';
import {
  type Acknowledgement,
  eventsOf,
  messageOf,
  type ReportedVisit,
  type VisitMessage,
} from '@caretab/hospital';
import { derivedId } from '@caretab/kernel';
import { answerIn, FINDINGS, hl7Message, mergeMessage } from './hl7-feed';
import type { Machine } from './machine';
import type { Plan, VisitPlan } from './plan';
import type { SimulatedPlatform } from './simulated-platform';
import { writtenNumber } from './number-book';
import type { PlannedMerge, PlannedReport, Presented } from './visit-script';

/** Delays between retries after no answer. */
const AGAIN_AFTER_MS = [200, 400, 800, 1_600];
export const againAfterMs = (attempt: number): number =>
  AGAIN_AFTER_MS[Math.min(attempt, AGAIN_AFTER_MS.length - 1)]!;

export const DEPARTMENT = 'CARD';

/** By which a hospital is known over HTTP. */
export const keyOf = (institutionId: string): string =>
  `key-of-institution-${institutionId}-0123456789`;

/** By what a hospital with a producer of its own names a person: opaque to all others. */
export const ownIdentifier = (institutionId: string, citizen: number): string =>
  `id-number:${derivedId(institutionId, 'identifier', String(citizen))}`;

/** The doors beside HTTP: HL7, and a hospital's own producer on the bus. */
export class HospitalDoors {
  constructor(
    private readonly world: SimulatedPlatform,
    private readonly plan: Plan,
    private readonly personIds: readonly string[],
  ) {}

  /** A visit as its hospital reports it, for one of the citizens. */
  reported(visit: VisitPlan, { citizen, opens, number }: Partial<Presented> = {}): ReportedVisit {
    const { visitNumber, visitClass, startedAt } = visit;
    const index = citizen ?? visit.citizen;
    const { idNumber, name } = this.plan.citizens[index]!;
    return {
      institutionId: this.plan.institutions[visit.institution]!.institutionId,
      visitNumber: opens ?? visitNumber,
      ...{ visitClass, startedAt },
      department: DEPARTMENT,
      patient: { idNumber, name, recordNumber: number ? writtenNumber(number) : String(index) },
    };
  }

  hl7(
    visit: VisitPlan,
    report: PlannedReport & { readonly person: Presented },
    client: Machine,
  ): Promise<Acknowledgement> {
    const bytes = hl7Message(this.reported(visit, report.person), report, report.person);
    return this.answered(bytes, `HL7 ${report.kind}`, client);
  }

  merge(visit: VisitPlan, merge: PlannedMerge, client: Machine): Promise<Acknowledgement> {
    return this.answered(mergeMessage(this.reported(visit), merge), 'HL7 merge', client);
  }

  /** Sends a message over HL7 until there is an answer that is not "later". */
  private async answered(bytes: Buffer, what: string, client: Machine): Promise<Acknowledgement> {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await client
        .call(what, () =>
          this.world.network.within('gateway', ({ instance }) =>
            instance.hl7!.answers(bytes, { certificate: undefined, speaksFor: () => true }),
          ),
        )
        .then(answerIn, () => undefined);
      if (answer && !answer.isRetryable) return answer;
      await client.sleep(againAfterMs(attempt));
    }
  }

  /**
   * A hospital's own producer, as the gateway has taken it over: sends until the bus has said yes,
   * and so at times twice.
   */
  async produce(visit: VisitPlan, report: PlannedReport, client: Machine): Promise<void> {
    const outgoing = this.messagesOf(visit, report);
    const key = twinKeyOf('gateway');
    for (let attempt = 0; ; attempt += 1) {
      try {
        await client.call(`produces ${report.kind}`, async () => {
          if (this.world.outages.has('bus')) throw new Error('the bus is down');
          this.world.note(hospitalVisitEvents.name, outgoing);
          await signingBus(this.world.bus, () => key).send(hospitalVisitEvents.name, outgoing);
        });
        return;
      } catch {
        await client.sleep(againAfterMs(attempt));
      }
    }
  }

  private messagesOf(visit: VisitPlan, report: PlannedReport): VisitMessage[] {
    const reported = this.reported(visit);
    const { institutionId } = reported;
    const at = this.world.scheduler.now().toISOString();
    const { says, citizen = visit.citizen } = report.person ?? {};
    const isNamed = report.kind === 'start' || report.person !== undefined;
    const holderDiffers = says && FINDINGS[says];
    return eventsOf(reported, report).map(({ type, data }, index) =>
      messageOf(
        {
          type,
          data: {
            ...data,
            ...(isNamed && { identifier: ownIdentifier(institutionId, citizen) }),
            ...(holderDiffers && { holderDiffers }),
          },
        },
        {
          ...{ institutionId, at },
          id: derivedId(institutionId, report.key, String(index)),
          personId: isNamed ? this.personIds[citizen] : undefined,
        },
      ),
    );
  }
}

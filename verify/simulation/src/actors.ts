import { hospitalVisitEvents, visitIdOf } from '@caretab/contracts';
import {
  eventsOf,
  hospitalHeaders,
  messageOf,
  type ReportedVisit,
  requestOf,
} from '@caretab/hospital';
import { derivedId } from '@caretab/kernel';
import type { Reply, Request } from './controller-door';
import type { Machine } from './machine';
import type { InstitutionPlan, Plan, VisitPlan } from './plan';
import type { SimulatedPlatform } from './simulated-platform';
import {
  exceedsItsCharge,
  isOfKeptDrug,
  type PlannedAction,
  type PlannedReport,
} from './visit-script';

/** Delays between retries after no answer. */
const AGAIN_AFTER_MS = [200, 400, 800, 1_600];

/** A return of more than was charged, or of a drug still out, by the hospital's own book. */
const isRightlyRefused = (action: PlannedAction, { status, body }: Reply): boolean => {
  const { code } = body as { code?: string };
  if (status !== 409) return false;
  return code === 'DRUG_DISPENSED'
    ? isOfKeptDrug(action)
    : code === 'RETURN_EXCEEDS_CHARGE' && exceedsItsCharge(action);
};

const DEPARTMENT = 'CARD';
export const keyOf = (institutionId: string): string =>
  `key-of-institution-${institutionId}-0123456789`;

/** Who asks, and what goes with it. */
interface Asking {
  readonly client?: Machine;
  readonly headers?: Record<string, string>;
}

/**
 * Hospitals and citizens at their doors. They repeat what was not answered until it is, and
 * sometimes what was.
 */
export class Actors {
  readonly personIds: string[] = [];
  /** Answers other than "accepted", by what was said. */
  readonly refused: { readonly what: string; readonly reply: Reply }[] = [];
  /** Sayings that were accepted: the platform has promised to decide them. */
  readonly accepted = new Set<PlannedAction>();
  /** Citizens, by index, whose personal data is being destroyed. */
  readonly forgotten = new Set<number>();
  /** Visits that were refused, since the person's data was destroyed. */
  readonly turnedAway = new Set<VisitPlan>();
  /** What was said beyond the plan, days later. */
  private readonly extra: { readonly visit: VisitPlan; readonly action: PlannedAction }[] = [];
  private talking = 0;

  constructor(
    private readonly world: SimulatedPlatform,
    private readonly plan: Plan,
  ) {}

  /** No party has anything left to send. */
  get areDone(): boolean {
    return this.talking === 0;
  }

  /** Everything that was said of a visit and accepted, in its order. */
  acceptedOf(visit: VisitPlan): PlannedAction[] {
    const later = this.extra.filter((each) => each.visit === visit).map(({ action }) => action);
    return [...visit.actions, ...later].filter((action) => this.accepted.has(action));
  }

  visitIdOf(visit: VisitPlan): string {
    return visitIdOf(this.plan.institutions[visit.institution]!.institutionId, visit.visitNumber);
  }

  /** The id of the event that a message with one report makes. */
  submissionIdOf({ institution }: VisitPlan, key: string): string {
    const { institutionId, door } = this.plan.institutions[institution]!;
    return door === 'bus'
      ? derivedId(institutionId, key, '0')
      : derivedId(`http/${institutionId}/${key}`, '1');
  }

  /** Institutions, citizens, their lines, insurers and accounts. */
  async register(): Promise<void> {
    for (const { institutionId, level, interface: profile } of this.plan.institutions) {
      await this.ask('identity', 'PUT', `/identity/institutions/${institutionId}`, {
        name: institutionId,
        level,
        apiKey: keyOf(institutionId),
        webhookUrl: `http://webhooks/${institutionId}`,
        interface: profile,
      });
    }
    for (const { name, idNumber, mobile, email } of this.plan.citizens) {
      const { body } = await this.ask('identity', 'POST', '/identity/persons', {
        name,
        idNumber,
        mobile,
        email,
      });
      this.personIds.push((body as { personId: string }).personId);
    }
    for (const [index, citizen] of this.plan.citizens.entries())
      await this.enrol(this.personIds[index]!, citizen);
  }

  /** Every party begins, each at its time. */
  begin(): void {
    for (const visit of this.plan.visits)
      this.start(visit.startsAtMs, `visit ${visit.visitNumber} begins`, () =>
        this.goThrough(visit),
      );
  }

  /** Asks until there is an answer that is not "later". */
  async ask(
    service: string,
    method: Request['method'],
    path: string,
    body?: unknown,
    { client = this.world.client('operator'), headers = {} }: Asking = {},
  ): Promise<Reply> {
    for (let attempt = 0; ; attempt += 1) {
      const reply = await client
        .call(`${method} ${path}`, () =>
          this.world.request(service, { method, path, body, headers }),
        )
        .catch((): Reply => ({ status: 503, body: null }));
      if (reply.status < 500) return reply;
      this.world.tell(
        `  ${client.name} hears ${reply.status} ${JSON.stringify((reply.body as { why?: string } | null)?.why ?? '')}`,
      );
      await client.sleep(AGAIN_AFTER_MS[Math.min(attempt, AGAIN_AFTER_MS.length - 1)]!);
    }
  }

  /** Begins something later; the run is not done before it has ended. */
  start(delayMs: number, what: string, work: () => Promise<void>): void {
    this.talking += 1;
    this.world.scheduler.after(delayMs, what, () => void work().finally(() => (this.talking -= 1)));
  }

  /** A small charge after the others: of now, or of the visit's start. */
  async chargeOneMore(
    visit: VisitPlan,
    occurredAt = this.world.scheduler.now().toISOString(),
  ): Promise<string> {
    const institution = this.plan.institutions[visit.institution]!;
    const client = this.world.client(`${institution.institutionId}/${visit.visitNumber}`);
    const key = `${visit.visitNumber}-message-later-${this.extra.length}`;
    const charge = {
      chargeId: `${visit.visitNumber}.later-${this.extra.length}`,
      itemCode: '110100001',
      quantity: '1',
      unitPriceYuan: '1.00',
      amountFen: 100,
      occurredAt,
    };
    const said = {
      kind: 'charges',
      charges: [charge],
      at: occurredAt,
      key,
      pauseMs: 0,
      again: false,
    } as const;
    this.extra.push({ visit, action: said });
    await this.send(visit, institution, said, client);
    return charge.chargeId;
  }

  /** A hospital answers that a stay is over, which it was asked about. */
  async endStay(visit: VisitPlan): Promise<void> {
    const institution = this.plan.institutions[visit.institution]!;
    const client = this.world.client(`${institution.institutionId}/${visit.visitNumber}`);
    const at = this.world.scheduler.now().toISOString();
    const key = `${visit.visitNumber}-message-over`;
    const said = { kind: 'end', at, key, pauseMs: 0, again: false } as const;
    this.extra.push({ visit, action: said });
    await this.send(visit, institution, said, client);
  }

  private async enrol(personId: string, citizen: Plan['citizens'][number]): Promise<void> {
    const { guardian, score, isEnrolled, memberships, token } = citizen;
    if (guardian !== undefined)
      await this.ask('identity', 'PUT', `/identity/persons/${personId}/guardian`, {
        guardianId: this.personIds[guardian]!,
        relation: '5',
      });
    await this.ask('adjudication', 'PUT', `/adjudication/memberships/${personId}`, { memberships });
    if (token)
      await this.ask('payment', 'PUT', `/payment/accounts/${personId}`, {
        channel: 'unionpay',
        token,
      });
    if (guardian === undefined)
      await this.ask('credit', 'PUT', `/credit/persons/${personId}/score`, {
        score,
        scoredAt: '2026-03-01T00:00:00Z',
      });
    if (!isEnrolled) return;
    // A child's enrolment waits until credit knows the guardian.
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const { status } = await this.ask('credit', 'POST', '/credit/enrolments', { personId });
      if (status < 300) return;
      await this.world.scheduler.sleep(500);
    }
  }

  private async goThrough(visit: VisitPlan): Promise<void> {
    const institution = this.plan.institutions[visit.institution]!;
    const client = this.world.client(`${institution.institutionId}/${visit.visitNumber}`);
    for (const action of visit.actions) {
      await client.sleep(action.pauseMs);
      const times = action.again ? 2 : 1;
      for (let time = 0; time < times; time += 1)
        await this.send(visit, institution, action, client);
      if (this.turnedAway.has(visit)) return;
    }
  }

  private async send(
    visit: VisitPlan,
    institution: InstitutionPlan,
    action: PlannedAction,
    client: Machine,
  ): Promise<void> {
    if (action.kind === 'pay')
      return void (await this.ask(
        'payment',
        'POST',
        `/payment/visits/${encodeURIComponent(this.visitIdOf(visit))}/pay`,
        { token: action.token, channel: 'unionpay' },
        { client },
      ));
    if (institution.door === 'bus') await this.produce(visit, action, client);
    else {
      const { path, body } = requestOf(this.reported(visit), action);
      const headers = hospitalHeaders(keyOf(institution.institutionId), action.key);
      const reply = await this.ask('gateway', 'POST', path, body, { headers, client });
      if (reply.status !== 202) return this.refuse(visit, action, reply);
    }
    this.accepted.add(action);
  }

  private refuse(visit: VisitPlan, action: PlannedAction, reply: Reply): void {
    if (action.kind === 'start' && this.forgotten.has(visit.citizen) && !this.accepted.has(action))
      this.turnedAway.add(visit);
    else if (isRightlyRefused(action, reply)) return;
    else this.refused.push({ what: `${visit.visitNumber} ${action.kind}`, reply });
  }

  private reported({ visitNumber, visitClass, startedAt, ...visit }: VisitPlan): ReportedVisit {
    const { idNumber, name } = this.plan.citizens[visit.citizen]!;
    return {
      institutionId: this.plan.institutions[visit.institution]!.institutionId,
      visitNumber,
      visitClass,
      department: DEPARTMENT,
      startedAt,
      patient: { idNumber, name, recordNumber: String(visit.citizen) },
    };
  }

  /** A hospital's own producer: sends until the bus has said yes, and so at times twice. */
  private async produce(visit: VisitPlan, report: PlannedReport, client: Machine): Promise<void> {
    const reported = this.reported(visit);
    const { institutionId } = reported;
    const at = this.world.scheduler.now().toISOString();
    const outgoing = eventsOf(reported, report).map((event, index) =>
      messageOf(event, {
        institutionId,
        id: derivedId(institutionId, report.key, String(index)),
        at,
        personId: event.type === 'VisitStarted' ? this.personIds[visit.citizen] : undefined,
      }),
    );
    for (let attempt = 0; ; attempt += 1) {
      try {
        await client.call(`produces ${report.kind}`, async () => {
          if (this.world.outages.has('bus')) throw new Error('the bus is down');
          this.world.note(hospitalVisitEvents.name, outgoing);
          await this.world.bus.send(hospitalVisitEvents.name, outgoing);
        });
        return;
      } catch {
        await client.sleep(AGAIN_AFTER_MS[Math.min(attempt, AGAIN_AFTER_MS.length - 1)]!);
      }
    }
  }
}

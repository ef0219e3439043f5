import { visitIdOf } from '@caretab/contracts';
import { hospitalHeaders, requestOf } from '@caretab/hospital';
import { derivedId } from '@caretab/kernel';
import type { Reply, Request } from './controller-door';
import { hl7MessageId, unforeseen } from './hl7-feed';
import { againAfterMs, DEPARTMENT, HospitalDoors, keyOf } from './hospital-doors';
import type { LateWord } from './late-plan';
import type { Machine } from './machine';
import { NumberDesk } from './number-desk';
import type { InstitutionPlan, Plan, VisitPlan } from './plan';
import { register } from './registration';
import type { SimulatedPlatform } from './simulated-platform';
import {
  isRefusedFor,
  mustBeRefused,
  type Naming,
  type Strange,
  strangersOf,
} from './stranger-book';
import { isRightlyRefused, isToldOver } from './right-refusals';
import { inChina, lastClassOf, type PlannedAction } from './visit-script';

const codeOf = ({ body }: Reply): string | undefined => (body as { code?: string } | null)?.code;

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
  /** Visits that the edge said are over. */
  readonly toldOver = new Set<VisitPlan>();
  /** What was said beyond the plan, days later. */
  private readonly extra: { readonly visit: VisitPlan; readonly action: PlannedAction }[] = [];
  /** What was accepted, though the door knows whose visit it is and who is registered. */
  readonly mistaken: PlannedAction[] = [];
  /** Charges that came when all was settled. */
  readonly lateSent: {
    readonly visit: VisitPlan;
    readonly chargeId: string;
    readonly amountFen: number;
  }[] = [];
  /** What citizens answered to late charges. */
  readonly lateWords: LateWord[] = [];
  /** Messages whose answer said that the holder is not as registered. */
  readonly warned = new Set<PlannedAction>();
  /** Refused for their person, as they must be. */
  readonly strangersRefused: PlannedAction[] = [];
  private readonly doors: HospitalDoors;
  readonly numbers: NumberDesk;
  private talking = 0;

  constructor(
    private readonly world: SimulatedPlatform,
    private readonly plan: Plan,
  ) {
    this.doors = new HospitalDoors(world, plan, this.personIds);
    this.numbers = new NumberDesk(plan.visits, this.doors, this);
  }

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
  submissionIdOf(visit: VisitPlan, action: Pick<PlannedAction, 'key' | 'person'>): string {
    const { institutionId, door } = this.plan.institutions[visit.institution]!;
    return door === 'bus'
      ? derivedId(institutionId, action.key, '0')
      : derivedId(this.messageIdOf(visit, action), '1');
  }

  /** The hospital's own message, as the gateway names it. */
  messageIdOf({ institution }: VisitPlan, { key, person }: Pick<PlannedAction, 'key' | 'person'>) {
    const { institutionId } = this.plan.institutions[institution]!;
    return person ? hl7MessageId(institutionId, key) : `http/${institutionId}/${key}`;
  }

  /** Institutions, citizens, their lines, insurers and accounts. */
  register(): Promise<void> {
    return register(this, this.plan, this.world.scheduler);
  }

  /** Every party begins, each at its time; those of later on begin apart. */
  begin(isLater?: VisitPlan['isLater']): void {
    for (const visit of this.plan.visits.filter((each) => each.isLater === isLater))
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
      await client.sleep(againAfterMs(attempt));
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
    quantity = '1',
  ): Promise<string> {
    const institution = this.plan.institutions[visit.institution]!;
    const client = this.world.client(`${institution.institutionId}/${visit.visitNumber}`);
    const key = `${visit.visitNumber}-message-later-${this.extra.length}`;
    const charge = {
      chargeId: `${visit.visitNumber}.later-${this.extra.length}`,
      itemCode: '110100001',
      quantity,
      unitPriceYuan: '1.00',
      amountFen: 100 * Number(quantity),
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

  /** Hospitals send a patient's data once more, with the holder that could not be compared. */
  async presentAgain(unheard: readonly (readonly [VisitPlan, PlannedAction])[]): Promise<void> {
    for (const [visit, { person, key }] of unheard) {
      const said = {
        kind: 'update',
        department: DEPARTMENT,
        at: inChina(this.world.scheduler.nowMs),
        ...{ key: `${key}-again`, pauseMs: 0, again: false, person: person! },
      } as const;
      this.extra.push({ visit, action: said });
      await this.sendNaming(visit, said, this.world.client(key));
    }
  }

  private async goThrough(visit: VisitPlan): Promise<void> {
    const institution = this.plan.institutions[visit.institution]!;
    const client = this.world.client(`${institution.institutionId}/${visit.visitNumber}`);
    for (const action of visit.actions) {
      await client.sleep(action.pauseMs);
      const send = (): Promise<void> => this.send(visit, institution, action, client);
      // What needs no answer before the next is sent twice at once.
      if (action.again && action.kind === 'charges' && !action.person)
        await Promise.all([send(), send()]);
      else for (let time = 0; time < (action.again ? 2 : 1); time += 1) await send();
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
    if (action.kind === 'merge') return this.numbers.merge(visit, action, client);
    if (!this.numbers.canCharge(visit, action)) return;
    if (institution.door === 'bus') {
      // Its producer finds out itself who it is before it opens a visit.
      if (action.person?.opens) return;
      await this.doors.produce(visit, action, client);
    } else if (action.person) return this.sendNaming(visit, action as Naming, client);
    else {
      const { path, body } = requestOf(this.doors.reported(visit), action);
      const headers = hospitalHeaders(keyOf(institution.institutionId), action.key);
      const strangers = action.kind === 'start' ? strangersOf(visit, this.acceptedOf(visit)) : [];
      const reply = await this.ask('gateway', 'POST', path, body, { headers, client });
      if (strangers.length > 0 && codeOf(reply) === 'PERSON_DIFFERS') {
        this.strangersRefused.push(action);
        for (const stranger of strangers) await this.takeBack(visit, stranger, client);
        return this.turnedAway.has(visit)
          ? undefined
          : this.send(visit, institution, action, client);
      }
      if (reply.status !== 202) return this.refuse(visit, action, reply);
      if (strangers.length > 0) this.mistaken.push(action);
    }
    this.accepted.add(action);
  }

  /** Over HL7, where each message names a patient. */
  private async sendNaming(visit: VisitPlan, action: Naming, client: Machine): Promise<void> {
    const visitClass = lastClassOf(visit, this.acceptedOf(visit));
    let answer = await this.doors.hl7({ ...visit, visitClass }, action, client);
    const isFixed = answer.errors.some(({ code }) => code === 'VISIT_CLASS_FIXED');
    // Another class that came after the visit was over was rejected, and its hospital notified.
    if (isFixed && visitClass !== visit.visitClass)
      answer = await this.doors.hl7(visit, action, client);
    const codes = answer.errors.map(({ code }) => code);
    if (answer.code === 'AA') {
      if (codes.includes('IDENTITY_CONTRADICTS')) this.warned.add(action);
      if (mustBeRefused(visit, action, this.acceptedOf(visit))) this.mistaken.push(action);
      this.accepted.add(action);
      this.numbers.taken(visit, action);
    } else if (isRefusedFor(visit, action, { codes, ...this })) {
      this.strangersRefused.push(action);
      if (action.kind === 'start' && !action.person.opens) this.turnedAway.add(visit);
    } else this.refused.push(unforeseen(visit, action, answer));
  }

  /** A charge for another came before the opening: it is taken back by whom it was sent for. */
  private async takeBack(visit: VisitPlan, stranger: Strange, client: Machine): Promise<void> {
    for (const charge of stranger.charges) {
      const { at, person } = stranger;
      const said = {
        kind: 'return',
        ...{ returnId: `${charge.chargeId}R`, charge, at, person },
        ...{ key: `${stranger.key}-back`, pauseMs: 0, again: false },
      } as const;
      this.extra.push({ visit, action: said });
      await this.sendNaming(visit, said, client);
      // Who was erased meanwhile cannot be named any more, and the visit cannot be opened.
      if (!this.accepted.has(said)) this.turnedAway.add(visit);
    }
  }

  private refuse(visit: VisitPlan, action: PlannedAction, reply: Reply): void {
    if (action.kind === 'start' && this.forgotten.has(visit.citizen) && !this.accepted.has(action))
      this.turnedAway.add(visit);
    else if (isToldOver(action, codeOf(reply))) this.toldOver.add(visit);
    else if (isRightlyRefused(visit, action, { code: codeOf(reply), said: this.acceptedOf(visit) }))
      return;
    else this.refused.push({ what: `${visit.visitNumber} ${action.kind}`, reply });
  }
}

import {
  type Acknowledgement,
  chargeBody,
  hl7Of,
  type ReportedCharge,
  type ReportedVisit,
  requestOf,
  type VisitReport,
} from '@caretab/hospital';
import type { Answer } from './api';
import { amountFenOf, type Item } from './catalogue';
import type { Citizen } from './citizen';

export interface VisitWish {
  readonly visitClass?: ReportedVisit['visitClass'];
  readonly charset?: string;
}

/** One item of a visit as it was posted. */
export interface PostedCharge extends Item {
  readonly chargeId: string;
  readonly occurredAt: string;
}

/** How an answer reads, whichever door it came from: accepted, or the code of the refusal. */
export type Outcome = 'accepted' | (string & {});

const outcomeOf = (answer: Acknowledgement | Answer): Outcome => {
  if ('errors' in answer)
    return answer.code === 'AA' ? 'accepted' : (answer.errors[0]?.code ?? answer.text);
  return answer.status < 300 ? 'accepted' : String(answer.body?.code ?? answer.status);
};

const reportedCharge = (charge: PostedCharge): ReportedCharge => ({
  chargeId: charge.chargeId,
  itemCode: charge.itemCode,
  itemName: charge.name,
  quantity: charge.quantity ?? '1',
  unitPriceYuan: charge.priceYuan,
  amountFen: amountFenOf(charge),
  occurredAt: charge.occurredAt,
});

/** What a visit needs of its hospital: its time, its message ids, and its door. */
export interface Sender {
  readonly institutionId: string;
  readonly sendsHl7Only: boolean;
  now(): string;
  nextMessageId(): string;
  sendsHl7(message: string | Buffer, charset?: string): Promise<Acknowledgement>;
  posts(path: string, body: unknown, idempotencyKey?: string): Promise<Answer>;
}

/**
 * One visit of a citizen as its hospital reports it, in sentences: `await visit.opens()`, `await
 * visit.charges(BLOOD_COUNT)`.
 */
export class Visit {
  readonly visitId: string;
  private charged = 0;
  private readonly reported: ReportedVisit;

  constructor(
    private readonly hospital: Sender,
    readonly citizen: Citizen,
    readonly visitNumber: string,
    private readonly wish: VisitWish,
  ) {
    const { institutionId } = hospital;
    const { idNumber, name, mobile } = citizen;
    this.visitId = `${institutionId}-${visitNumber}`;
    this.reported = {
      institutionId,
      visitNumber,
      visitClass: wish.visitClass ?? 'outpatient',
      department: 'CARD',
      startedAt: hospital.now(),
      patient: { idNumber, name, mobile, recordNumber: `MR-${visitNumber}` },
    };
  }

  /** A01 or A04; POST /v1/visits. */
  opens(): Promise<Outcome> {
    return this.sends({ kind: 'start', at: this.reported.startedAt });
  }

  /** P03 with an FT1 (CG) for each item, all in one message. */
  charges(...items: readonly Item[]): Promise<Outcome> {
    return this.chargesAgain(this.numbered(items));
  }

  /** The same charges, ids and all, in a message of its own. */
  chargesAgain(charges: readonly PostedCharge[]): Promise<Outcome> {
    return this.sends(this.chargesReport(charges));
  }

  /** Gives the items their ids, for a journey that wants to send them more than once. */
  numbered(items: readonly Item[]): readonly PostedCharge[] {
    return items.map((item) => ({
      ...item,
      chargeId: `${this.visitNumber}.${(this.charged += 1)}`,
      occurredAt: this.hospital.now(),
    }));
  }

  /** P03 with an FT1 (CD): takes one whole earlier charge back. */
  takesBack(charge: PostedCharge): Promise<Outcome> {
    return this.sends({
      kind: 'return',
      at: this.hospital.now(),
      returnId: `${charge.chargeId}.CD`,
      charge: reportedCharge(charge),
    });
  }

  /** A11. */
  isCancelled(): Promise<Outcome> {
    return this.sends({ kind: 'cancel', at: this.hospital.now() });
  }

  /** A03. */
  ends(): Promise<Outcome> {
    return this.sends({ kind: 'end', at: this.hospital.now() });
  }

  /** The charge message as it would be sent, for a journey that breaks it first. */
  chargeMessage(
    charges: readonly PostedCharge[],
    controlId = this.hospital.nextMessageId(),
  ): string {
    return this.message(this.chargesReport(charges), controlId);
  }

  /** A charge as the HTTP door takes it. */
  body(charge: PostedCharge): object {
    return chargeBody(reportedCharge(charge));
  }

  private chargesReport(charges: readonly PostedCharge[]): VisitReport {
    return { kind: 'charges', at: this.hospital.now(), charges: charges.map(reportedCharge) };
  }

  private message(report: VisitReport, controlId: string): string {
    return hl7Of(this.reported, report, { controlId, charset: this.wish.charset });
  }

  private async sends(report: VisitReport): Promise<Outcome> {
    if (this.hospital.sendsHl7Only) {
      const message = this.message(report, this.hospital.nextMessageId());
      return outcomeOf(await this.hospital.sendsHl7(message, this.wish.charset));
    }
    const { path, body } = requestOf(this.reported, report);
    return outcomeOf(await this.hospital.posts(path, body));
  }
}

import type { Answer, Api } from './api';
import { amountFenOf, type Item } from './catalogue';
import type { Citizen } from './citizen';
import { type Acknowledgement, encoded, segment, sendMllp, stamp } from './hl7';
import type { Address } from './platform';

export interface HospitalWish {
  readonly level?: 'level-3' | 'level-2' | 'community';
  readonly door?: 'hl7' | 'http';
}

/** One item of a visit as it was posted. */
export interface PostedCharge extends Item {
  readonly chargeId: string;
  readonly occurredAt: string;
}

export interface VisitWish {
  readonly visitClass?: 'outpatient' | 'emergency' | 'inpatient';
  readonly charset?: string;
}

const DAY = '2026-03-02';
const CLASS = { outpatient: 'O', emergency: 'E', inpatient: 'I' } as const;

/**
 * A hospital with one door to the platform: HL7 v2 over MLLP, or HTTP with JSON. Each thing it says
 * gives what was answered.
 */
export class Hospital {
  private visits = 0;
  private messages = 0;
  /**
   * Minutes after eight in the morning; everything the hospital says happens a minute later than
   * what it said before.
   */
  private minutes = 0;

  constructor(
    private readonly identity: {
      readonly institutionId: string;
      readonly apiKey: string;
      readonly door: 'hl7' | 'http';
    },
    private readonly platform: { readonly api: Api; readonly address: Address },
  ) {}

  get institutionId(): string {
    return this.identity.institutionId;
  }

  /** A visit that is about to begin. */
  visitOf(citizen: Citizen, wish: VisitWish = {}): Visit {
    return new Visit(this, citizen, `V${String((this.visits += 1)).padStart(4, '0')}`, wish);
  }

  now(): string {
    this.minutes += 1;
    const [hours, minutes] = [8 + Math.floor(this.minutes / 60), this.minutes % 60].map((value) =>
      String(value).padStart(2, '0'),
    );
    return `${DAY}T${hours}:${minutes}:00+08:00`;
  }

  /** A message id, or an idempotency key, that was not used before. */
  nextMessageId(): string {
    return `${this.institutionId}-${String((this.messages += 1)).padStart(5, '0')}`;
  }

  get speaksHl7(): boolean {
    return this.identity.door === 'hl7';
  }

  /** Sends a message as it is. */
  sendsHl7(message: string | Buffer, charset = 'UNICODE UTF-8'): Promise<Acknowledgement> {
    return sendMllp(
      this.platform.address,
      typeof message === 'string' ? encoded(message, charset) : message,
    );
  }

  /** Sends a request as it is. */
  posts(
    path: string,
    body: unknown,
    idempotencyKey = this.nextMessageId(),
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.platform.api.ask('POST', path, body, {
      ...headers,
      authorization: `Bearer ${this.identity.apiKey}`,
      'idempotency-key': idempotencyKey,
    });
  }
}

/** How an answer reads, whichever door it came from: accepted, or the code of the refusal. */
export type Said = 'accepted' | (string & {});

const saidBy = (answer: Acknowledgement | Answer): Said => {
  if ('errors' in answer)
    return answer.code === 'AA' ? 'accepted' : (answer.errors[0]?.code ?? answer.text);
  return answer.status < 300 ? 'accepted' : String(answer.body?.code ?? answer.status);
};

/**
 * One visit of a citizen as its hospital reports it, in sentences: `await visit.opens()`, `await
 * visit.charges(BLOOD_COUNT)`.
 */
export class Visit {
  readonly visitId: string;
  private charged = 0;
  private readonly startedAt: string;

  constructor(
    private readonly hospital: Hospital,
    readonly citizen: Citizen,
    readonly visitNumber: string,
    private readonly wish: VisitWish,
  ) {
    this.visitId = `${hospital.institutionId}-${visitNumber}`;
    this.startedAt = hospital.now();
  }

  private get visitClass(): 'outpatient' | 'emergency' | 'inpatient' {
    return this.wish.visitClass ?? 'outpatient';
  }

  /** A01 or A04; POST /v1/visits. */
  opens(): Promise<Said> {
    const {
      visitNumber,
      visitClass,
      startedAt,
      citizen: { idNumber },
    } = this;
    if (this.hospital.speaksHl7)
      return this.sends(this.adt(visitClass === 'inpatient' ? 'A01' : 'A04', startedAt));
    return this.posts('/v1/visits', {
      visitNumber,
      visitClass,
      credential: { type: 'id-number', value: idNumber },
      department: 'CARD',
      startedAt,
    });
  }

  /** P03 with an FT1 (CG) for each item, all in one message. */
  charges(...items: readonly Item[]): Promise<Said> {
    return this.sendCharges(this.numbered(items));
  }

  /** The same charges, ids and all, in a message of its own. */
  chargesAgain(charges: readonly PostedCharge[]): Promise<Said> {
    return this.sendCharges(charges);
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
  takesBack(charge: PostedCharge): Promise<Said> {
    const at = this.hospital.now();
    const returnId = `${charge.chargeId}.CD`;
    if (this.hospital.speaksHl7)
      return this.sends(this.dft([this.ft1(1, { ...charge, occurredAt: at }, returnId)], at));
    return this.posts(`/v1/visits/${this.visitNumber}/returns`, {
      returnId,
      chargeId: charge.chargeId,
      amountFen: amountFenOf(charge),
      returnedAt: at,
    });
  }

  /** A11. */
  isCancelled(): Promise<Said> {
    const at = this.hospital.now();
    return this.hospital.speaksHl7
      ? this.sends(this.adt('A11', at))
      : this.posts(`/v1/visits/${this.visitNumber}/cancel`, { withdrawnAt: at });
  }

  /** A03. */
  ends(): Promise<Said> {
    const at = this.hospital.now();
    return this.hospital.speaksHl7
      ? this.sends(this.adt('A03', at))
      : this.posts(`/v1/visits/${this.visitNumber}/end`, { endedAt: at });
  }

  /** The charge message as it would be sent, for a journey that breaks it first. */
  chargeMessage(
    charges: readonly PostedCharge[],
    controlId = this.hospital.nextMessageId(),
  ): string {
    return this.dft(
      charges.map((charge, index) => this.ft1(index + 1, charge)),
      this.hospital.now(),
      controlId,
    );
  }

  private sendCharges(charges: readonly PostedCharge[]): Promise<Said> {
    if (this.hospital.speaksHl7) return this.sends(this.chargeMessage(charges));
    return this.posts(`/v1/visits/${this.visitNumber}/charges`, {
      charges: charges.map((charge) => this.body(charge)),
    });
  }

  /** A charge as the HTTP door takes it. */
  body(charge: PostedCharge): object {
    const { chargeId, itemCode, quantity = '1', priceYuan, occurredAt } = charge;
    return {
      chargeId,
      itemCode,
      quantity,
      unitPriceYuan: priceYuan,
      amountFen: amountFenOf(charge),
      occurredAt,
    };
  }

  private async sends(message: string): Promise<Said> {
    return saidBy(await this.hospital.sendsHl7(message, this.wish.charset));
  }

  private async posts(path: string, body: unknown): Promise<Said> {
    return saidBy(await this.hospital.posts(path, body));
  }

  private adt(trigger: string, at: string): string {
    return [
      this.msh(`ADT^${trigger}`, at),
      segment('EVN', { 1: trigger, 2: stamp(at) }),
      this.pid(),
      this.pv1(trigger === 'A03' ? at : undefined),
    ].join('\r');
  }

  private dft(transactions: readonly string[], at: string, controlId?: string): string {
    return [
      this.msh('DFT^P03', at, controlId),
      segment('EVN', { 1: 'P03', 2: stamp(at) }),
      this.pid(),
      this.pv1(),
      ...transactions,
    ].join('\r');
  }

  private msh(type: string, at: string, controlId = this.hospital.nextMessageId()): string {
    return segment('MSH', {
      1: '^~\\&',
      2: 'HIS',
      3: this.hospital.institutionId,
      4: 'CARETAB',
      5: 'CITY',
      6: stamp(at),
      8: type,
      9: controlId,
      10: 'P',
      11: '2.5.1',
      17: this.wish.charset ?? 'UNICODE UTF-8',
    });
  }

  private pid(): string {
    const { idNumber, name, mobile } = this.citizen;
    return segment('PID', {
      1: '1',
      3: `${idNumber}^^^CN^NI~MR-${this.visitNumber}^^^${this.hospital.institutionId}^MR`,
      5: `${name.slice(0, 1)}^${name.slice(1)}`,
      7: idNumber.slice(6, 14),
      13: `${mobile}^PRN^CP`,
    });
  }

  private pv1(endedAt?: string): string {
    return segment('PV1', {
      1: '1',
      2: CLASS[this.visitClass],
      3: `CARD^001^^${this.hospital.institutionId}`,
      19: this.visitNumber,
      44: stamp(this.startedAt),
      ...(endedAt && { 45: stamp(endedAt) }),
    });
  }

  private ft1(setId: number, charge: PostedCharge, returnId?: string): string {
    const { chargeId, itemCode, name, priceYuan, quantity = '1', occurredAt } = charge;
    const sign = returnId ? '-' : '';
    return segment('FT1', {
      1: String(setId),
      2: returnId ?? chargeId,
      4: stamp(occurredAt),
      5: stamp(occurredAt),
      6: returnId ? 'CD' : 'CG',
      7: `${itemCode}^${name}`,
      10: `${sign}${quantity}`,
      11: `${sign}${(amountFenOf(charge) / 100).toFixed(2)}&CNY`,
      12: `${priceYuan}&CNY`,
      13: 'CARD',
      ...(returnId && { 31: chargeId }),
    });
  }
}

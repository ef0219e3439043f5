import { type Acknowledgement, encoded, hospitalHeaders, sendOnce, UTF8 } from '@caretab/hospital';
import type { Answer, Api } from './api';
import type { Citizen } from './citizen';
import { type Address, mllpOf } from './platform';
import { Visit, type VisitWish } from './visit';

export interface HospitalWish {
  readonly level?: 'level-3' | 'level-2' | 'community';
  readonly door?: 'hl7' | 'http';
  readonly lateCharge?: 'ask' | 'hospital-bears' | 'collect';
  /** How persons are present whose visits it opens: it reads cards, if nothing is said. */
  readonly presence?: 'typed' | 'card';
  /** Readers whose word counts: none, if nothing is said. */
  readonly presenceReaders?: readonly ('face' | 'code' | 'card')[];
}

const DAY = '2026-03-02';

/**
 * A hospital that sends HL7 v2 over MLLP, or JSON over HTTP. Each message gives what was answered.
 */
export class Hospital {
  /** The day of all that it reports. */
  day = DAY;
  private visits = 0;
  private messages = 0;
  /** Minutes after eight in the morning; each message happens a minute after the one before. */
  private minutes = 0;

  constructor(
    private readonly identity: {
      readonly institutionId: string;
      readonly apiKey: string;
      readonly door: 'hl7' | 'http';
    },
    private readonly platform: { readonly api: Api; readonly address: Address },
  ) {}

  /** Its API key. */
  get key(): string {
    return this.identity.apiKey;
  }

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
    return `${this.day}T${hours}:${minutes}:00+08:00`;
  }

  /** A message id, or an idempotency key, that was not used before. */
  nextMessageId(): string {
    return `${this.institutionId}-${String((this.messages += 1)).padStart(5, '0')}`;
  }

  get sendsHl7Only(): boolean {
    return this.identity.door === 'hl7';
  }

  /** Sends a message as it is. */
  sendsHl7(message: string | Buffer, charset = UTF8): Promise<Acknowledgement> {
    return sendOnce(
      mllpOf(this.platform.address),
      typeof message === 'string' ? encoded(message, charset) : message,
    );
  }

  /** What became of its accepted reports, oldest first. `query`: as the route takes it. */
  async submissions(query: Readonly<Record<string, string>>): Promise<Answer['body'][]> {
    const path = `/v1/submissions?${new URLSearchParams(query).toString()}`;
    const { authorization } = hospitalHeaders(this.identity.apiKey, '');
    const headers = { authorization: authorization! };
    return (await this.platform.api.ask('GET', path, undefined, headers)).body.submissions;
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
      ...hospitalHeaders(this.identity.apiKey, idempotencyKey),
    });
  }
}

import {
  adjudicationClaims,
  type ContractMessage,
  creditAuthorizations,
  hospitalVisitEvents,
  identityInstitutions,
  visitLedgerVisits,
} from '@caretab/contracts';
import {
  type Bus,
  busOfAll,
  type Consumer,
  type Message,
  type ReceivedMessage,
} from '@caretab/bus';
import { ChargeRecord } from './charge-record';
import {
  authorizationOf,
  type BenchVisit,
  chargeNumberIn,
  chargePosted,
  coverageDetermined,
  increaseDeclined,
  onTheWire,
  registrations,
  startOf,
  visitOf,
} from './charges';
import type { Shape } from './options';

const SILENCE_MAX_MS = 60_000;
/** Visits that are being opened at once. */
const OPENING_MAX = 400;

/** A charge that is ready to be sent. */
export interface Ready {
  readonly number: number;
  readonly message: Message;
}

/**
 * The parties around the ledger: hospitals that open visits and post charges, credit and
 * adjudication that answer, and the consumer of the decisions.
 */
export class Parties {
  readonly book = new ChargeRecord();
  private readonly visits: BenchVisit[] = [];
  private consumer: Consumer | undefined;

  private readonly bus: Bus;

  constructor(bus: Bus) {
    this.bus = busOfAll(bus);
  }

  async start(): Promise<void> {
    this.consumer = await this.bus.consume(
      { group: 'bench.decisions', topics: [visitLedgerVisits.name], batchSizeMax: 1000 },
      ({ messages }) => this.receive(messages),
    );
  }

  /** Registers the institutions, where there is no identity that does. */
  async register(): Promise<void> {
    await this.bus.send(identityInstitutions.name, registrations().map(onTheWire));
  }

  async stop(): Promise<void> {
    await this.consumer?.stop();
  }

  /**
   * Opens visits and waits until hold and coverage are with the ledger, which shows in the decision
   * on each visit's first charge.
   */
  async open(
    count: number,
    shape: Shape,
    progress: (text: string) => void,
  ): Promise<readonly BenchVisit[]> {
    const fresh = Array.from({ length: count }, (_, index) =>
      visitOf(this.visits.length + index, shape),
    );
    this.visits.push(...fresh);
    for (let from = 0; from < count;) {
      const room = Math.min(OPENING_MAX - this.book.underWay, count - from);
      if (room < Math.min(50, count - from)) {
        await this.book.next(SILENCE_MAX_MS);
        continue;
      }
      const messages = fresh
        .slice(from, from + room)
        .flatMap((visit) => [
          startOf(visit),
          chargePosted(visit, this.book.publish(performance.now())),
        ]);
      await this.bus.send(hospitalVisitEvents.name, messages.map(onTheWire));
      from += room;
      progress(`${from} of ${count} visits`);
    }
    await this.settled();
    return fresh;
  }

  /** Answers for visits that came into the ledger another way, up to so many in all. */
  know(count: number): void {
    for (let index = this.visits.length; index < count; index += 1)
      this.visits.push(visitOf(index, 'spread'));
  }

  /** Resolves when every charge that was published is decided. */
  async settled(): Promise<void> {
    while (this.book.underWay > 0) await this.book.next(SILENCE_MAX_MS);
  }

  async post(charges: readonly Message[]): Promise<void> {
    await this.bus.send(hospitalVisitEvents.name, charges);
  }

  private async receive(messages: readonly ReceivedMessage[]): Promise<void> {
    const atMs = performance.now();
    const credit: ContractMessage[] = [];
    const claims: ContractMessage[] = [];
    for (const message of messages) {
      const type = message.headers['ce_type'];
      if (type === 'ChargeDeferred' || type === 'ChargeNotDeferred')
        this.book.decide(chargeNumberIn(message.value), type === 'ChargeDeferred', atMs);
      else if (type === 'VisitOpened') {
        credit.push(authorizationOf(this.visitOf(message)));
        claims.push(coverageDetermined(this.visitOf(message)));
      } else if (type === 'HoldIncreaseRequested') {
        credit.push(
          increaseDeclined(
            this.visitOf(message),
            (JSON.parse(message.value) as { requestId: string }).requestId,
          ),
        );
      } else this.book.fault(`${type} was published`);
    }
    this.book.ring();
    if (credit.length > 0) await this.bus.send(creditAuthorizations.name, credit.map(onTheWire));
    if (claims.length > 0) await this.bus.send(adjudicationClaims.name, claims.map(onTheWire));
  }

  private visitOf({ key }: ReceivedMessage): BenchVisit {
    return this.visits[Number(key.slice(key.indexOf('-V') + 2))]!;
  }
}
